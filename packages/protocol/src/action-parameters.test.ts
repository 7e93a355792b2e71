import { describe, expect, it } from 'vitest';
import { type Parameter, parameterSchema } from './action.ts';
import { checkParameters, findPatternIssue, parameterChecks } from './action-parameters.ts';

const text = (more: object = {}) =>
  parameterSchema.parse({ name: 'text', type: 'string', ...more }) as Extract<Parameter, { type: 'string' }>;
/** Compiles to 50,000 instructions, in most of a second. */
const COSTLY = text({ pattern: '\\pL{1000}'.repeat(50), maxLength: 4000 });

describe('a pattern', () => {
  it('that could take too many steps is refused before it is compiled, with the bound', () => {
    expect(findPatternIssue(COSTLY)).toMatch(
      /^could take \d+ steps to match, and at most 100000 are allowed: use smaller repeat counts, or set maxLength below 4000$/,
    );
    expect(() => checkParameters([COSTLY], { text: 'a' })).toThrow(
      /the pattern of text could take \d+ steps to match/,
    );
  });

  it('that is not RE2 is refused', () => {
    expect(findPatternIssue(text({ pattern: '(a)\\1' }))).toMatch(
      /^is not a regular expression in RE2 syntax/,
    );
  });

  it('must match the whole value', () => {
    const parameters = [text({ pattern: 'a+|b' })];
    expect(checkParameters(parameters, { text: 'aaa' })).toMatchObject({ ok: true });
    expect(checkParameters(parameters, { text: 'ab' })).toEqual({
      ok: false,
      issues: [{ pointer: '/text', detail: 'must match a+|b' }],
    });
  });
});

describe('the check of parameters', () => {
  it('takes defaults as they are, because the target has validated them', () => {
    const parameters = [
      { ...COSTLY, default: 'a' },
      parameterSchema.parse({ name: 'count', type: 'integer' }),
    ];
    expect(checkParameters(parameters, { count: 3 })).toEqual({
      ok: true,
      values: new Map<string, unknown>([
        ['text', 'a'],
        ['count', 3],
      ]),
    });
  });

  it('stops after each value that it has checked', () => {
    const checks = parameterChecks([text({ pattern: 'a' }), text({ name: 'other' })], {
      text: 'a',
      other: 'b',
    });
    expect([checks.next().done, checks.next().done, checks.next().done]).toEqual([false, false, true]);
  });
});
