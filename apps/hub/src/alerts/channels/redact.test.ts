import { expect, test } from 'vitest';
import { answerText } from './answer-text.ts';
import { createRedact } from './redact.ts';

test('secrets disappear as they are, in a URL, and in JSON', () => {
  const redact = createRedact(['p/ss"word']);
  expect(redact('a p/ss"word b')).toBe('a [redacted] b');
  expect(redact('?key=p%2Fss%22word')).toBe('?key=[redacted]');
  expect(redact('{"key":"p/ss\\"word"}')).toBe('{"key":"[redacted]"}');
});

test('of a secret URL, the parts of path and query disappear too', () => {
  const redact = createRedact(['https://hooks.example.org/services/T00000000/abcdefghijkl?token=0123456789']);
  expect(redact('Cannot POST /services/T00000000/abcdefghijkl')).toBe(
    'Cannot POST /[redacted]/[redacted]/[redacted]',
  );
  expect(redact('bad token 0123456789')).toBe('bad token [redacted]');
});

test('of a secret of several words, the long ones disappear too', () => {
  const redact = createRedact(['Basic Ym9vbmVyOnNlY3JldA==']);
  expect(redact('Basic is wrong: Ym9vbmVyOnNlY3JldA==')).toBe('Basic is wrong: [redacted]');
});

test('an answer is one line of at most 300 characters', () => {
  const text = answerText(`HTTP 500 a\r\n\tb${'x'.repeat(1000)}`, createRedact([]));
  expect(text).toMatch(/^HTTP 500 a bx+…$/);
  expect(text).toHaveLength(300);
});

test('a secret that crosses the end of an answer is not shown in part', () => {
  const text = answerText(`${'x'.repeat(290)}0123456789abcdef`, createRedact(['0123456789abcdef']));
  expect(text).not.toContain('0123');
});
