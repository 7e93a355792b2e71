import { expect, it } from 'vitest';
import { attemptText } from './task-texts.ts';

it.each([
  [{ attempt: 1, maxAttempts: 3 }, null],
  [{ attempt: 2, maxAttempts: 3 }, '2 of 3'],
  [{ attempt: 2, maxAttempts: null }, '2'],
])('formats the attempt of %o as %s', (task, text) => {
  expect(attemptText(task)).toBe(text);
});
