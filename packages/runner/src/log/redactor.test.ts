import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createRedactor } from './redactor.ts';

it('takes a secret out wherever it stands, special characters and all', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string(), (secret, around) => {
      fc.pre(!'[redacted]'.includes(secret) && !around.includes(secret));
      const { redact } = createRedactor([secret]);
      expect(redact(`${around} ${secret}\n${secret}${secret}`)).not.toContain(secret);
    }),
  );
});

it('finds the forms in which programs print a secret', () => {
  const { redact } = createRedactor([' p"w/ü ']);
  expect(redact(JSON.stringify({ password: ' p"w/ü ' }))).toBe('{"password":"[redacted]"}');
  expect(redact('https://a:p%22w%2F%C3%BC@host')).toBe('https://a:[redacted]@host');
  expect(redact('trimmed: p"w/ü.')).toBe('trimmed: [redacted].');
});

it('takes out each line of a secret with several, as output comes line by line', () => {
  const { redact } = createRedactor(['-----BEGIN-----\nMIIEvQIBADAN\n}\n']);
  expect(redact('key: MIIEvQIBADAN.')).toBe('key: [redacted].');
  expect(redact('}')).toBe('}');
});

it('leaves no rest of a secret that holds another', () => {
  expect(createRedactor(['abc', 'abcdef']).redact('abcdef abc')).toBe('[redacted] [redacted]');
});

it('takes out the first part of a secret where a text was cut off', () => {
  const { redact, redactCut } = createRedactor(['hunter2']);
  expect(redactCut('password: hunt')).toBe('password: [redacted]');
  expect(redactCut('password: hunter2')).toBe('password: [redacted]');
  expect(redactCut('nothing')).toBe('nothing');
  expect(redact('hunt')).toBe('hunt');
});

it('takes secrets out of objects: keys, values, numbers, at any depth', () => {
  const { redactObject } = createRedactor(['1234']);
  expect(redactObject({ a: ['pin 1234', 1234, 5], b: { 1234: null, c: true } })).toEqual({
    a: ['pin [redacted]', '[redacted]', 5],
    b: { '[redacted]': null, c: true },
  });
});

it('changes nothing without secrets', () => {
  const { redact, redactCut, redactObject } = createRedactor(['']);
  expect([redact('a'), redactCut('b'), redactObject({ c: 1 })]).toEqual(['a', 'b', { c: 1 }]);
});
