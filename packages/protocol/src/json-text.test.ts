import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pointerTo, readJson } from './json-text.ts';

const issueOf = (text: string) => {
  const reading = readJson(text);
  return reading.ok ? null : reading.issue;
};

describe('reading JSON strictly', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        // fast-check never generates duplicate names, and its whole numbers may exceed a double's
        // precision.
        const reading = readJson(text);
        if (reading.ok) expect(reading.value).toEqual(JSON.parse(text));
        else expect(reading.issue.detail).toMatch(/cannot be stored exactly/);
      }),
    );
  });

  it.each([
    ['{"a":1,"a":2}', '/a'],
    ['{"a":"same","a":"same"}', '/a'],
    ['{"a":1,"\\u0061":1}', '/a'],
    ['{"b":[0,{"c":{},"d":[],"c":null}]}', '/b/1/c'],
    ['[[],{"x/y~z":1,"x/y~z":1}]', '/1/x~1y~0z'],
    ['{"__proto__":1,"__proto__":2}', '/__proto__'],
    ['{"a":"}","b":"\\"{,","b":1}', '/b'],
  ])('finds the name that occurs twice in %s', (text, pointer) => {
    expect(issueOf(text)).toEqual({ pointer, detail: 'occurs more than once' });
  });

  it('takes equal names in different objects, and texts that look like names', () => {
    expect(issueOf('{"a":{"a":["a","a"]},"b":[{"a":1},{"a":1}],"c":"a"}')).toBeNull();
  });

  it('refuses depth without overflowing, and says where', () => {
    expect(issueOf('['.repeat(200_000) + ']'.repeat(200_000))?.detail).toMatch(/deeper than 32/);
    expect(issueOf(`${'{"a":'.repeat(33)}1${'}'.repeat(33)}`)).toEqual({
      pointer: '/a'.repeat(32),
      detail: 'is nested deeper than 32 levels',
    });
    expect(issueOf(`${'['.repeat(32)}${']'.repeat(32)}`)).toBeNull();
  });

  it.each(['9007199254740993', '1e400', '-1e999', '[1,{"a":12345678901234567890}]'])(
    'refuses the number in %s, which would change',
    (text) => expect(issueOf(text)?.detail).toMatch(/cannot be stored exactly/),
  );

  it.each(['0', '-0', '1.5', '0.1', '9007199254740991', '1e3', '2.50e-3', '"9007199254740993"'])(
    'keeps %s',
    (text) => expect(issueOf(text)).toBeNull(),
  );

  it('never quotes what stands in a text that is not JSON', () => {
    for (const text of ['{"password":hunter2}', 'hunter2', '{"password":"hunter2', '["hunter2" 1]', '']) {
      expect(issueOf(text)?.detail).toMatch(/^is not valid JSON/);
      expect(issueOf(text)?.detail).not.toContain('hunter');
    }
  });
});

it('cuts a pointer that is too long to be useful', () => {
  expect(pointerTo(['x'.repeat(100_000)]).length).toBeLessThan(400);
});
