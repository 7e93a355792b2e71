import fc from 'fast-check';
import { RE2JS } from 're2js';
import { describe, expect, it } from 'vitest';
import { MAX_PATTERN_STEPS } from './parameter-bounds.ts';
import { patternSteps } from './pattern-steps.ts';

const element = fc.constantFrom(
  ...['a', 'é', '😀', '.', '\\d', '\\*', '\\x{100}', '\\x41', '\\101', '\\Qa{3}(\\E', '^', '$', '\\b', '|'],
  ...[
    '\\pL',
    '\\p{Greek}',
    '[ab]',
    '[^a]',
    '[]a]',
    '[^\\]]',
    '[\\pL\\pN]',
    '[[:alpha:]\\pL]',
    '[a-z-]',
    '{1',
  ],
  ...['(?i)', '(?i:[à-ÿ])', '(?:)', '()', '(?s-i:.)'],
);
const quantifier = fc.constantFrom(
  ...['', '', '', '*', '+', '?', '??', '{0}', '{2}', '{0,3}', '{2,}', '{2,5}?', '{61}', '{0,100}'],
);
const { pattern } = fc.letrec<{ pattern: string; group: string }>((tie) => ({
  pattern: fc
    .array(fc.tuple(fc.oneof({ maxDepth: 3 }, element, tie('group')), quantifier), { maxLength: 5 })
    .map((parts) => parts.flat().join('')),
  group: fc.tuple(fc.constantFrom('(', '(?:', '(?i:'), tie('pattern')).map((parts) => `${parts.join('')})`),
}));

describe('the steps of a pattern', () => {
  it('are never fewer than the instructions that it compiles to, times the length of a value', () => {
    const maxLength = 256;
    let compiled = 0;
    fc.assert(
      fc.property(pattern, (text) => {
        const steps = patternSteps(text, maxLength);
        if (steps > 10 * MAX_PATTERN_STEPS) return; // takes too long to compile
        let size: number;
        try {
          size = RE2JS.compile(text).programSize();
        } catch {
          return; // not RE2, as a{2}{2}
        }
        compiled += 1;
        expect(steps).toBeGreaterThanOrEqual(size * maxLength);
      }),
      { numRuns: 500 },
    );
    expect(compiled).toBeGreaterThan(100);
  });

  it.each([
    ['v[0-9]+\\.[0-9]+\\.[0-9]+', 256],
    ['[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*', 253],
    ['[\\pL\\pN _.-]{1,64}', 256],
    ['(?i)[a-zà-ÿ ]+', 256],
    ['https?://[\\w.-]+(:\\d+)?/\\S*', 2048],
    ['[\\w ./:@-]*', 4096],
  ])('of %s are few enough', (text, maxLength) => {
    expect(patternSteps(text, maxLength)).toBeLessThan(MAX_PATTERN_STEPS);
  });

  it.each([
    ['\\pL{1000}'.repeat(50), 1],
    ['[[:alpha:]\\pL]{1000}', 1],
    ['((a{10}){10}){10}', 256],
    ['(?i)[B-\\x{1e000}]', 1],
    ['(?i)[a\\101-\\x{1e000}]', 1],
    ['(?:a?b?){100}', 4096],
  ])('of %s are too many', (text, maxLength) => {
    expect(patternSteps(text, maxLength)).toBeGreaterThan(MAX_PATTERN_STEPS);
  });

  it('are a number for any text', () => {
    const unit = fc.constantFrom(...'()[]{}|\\*+?^$.,:-019aQExpPi<>\u{1f600}');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 500 }), (text) => {
        expect(patternSteps(text, 256)).toBeGreaterThan(0);
      }),
    );
  });
});
