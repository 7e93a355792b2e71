import { expect, test } from 'vitest';
import { spanAround } from './span-around.ts';

const HOUR_MS = 3_600_000;

test('shows half an hour before and after an alert', () => {
  const span = spanAround({ startedAtMs: 10 * HOUR_MS, endedAtMs: 11 * HOUR_MS }, 100 * HOUR_MS);
  expect(span).toEqual({ from: 9.5 * HOUR_MS, to: 11.5 * HOUR_MS });
});

test('ends now for one that is open, and is never empty', () => {
  expect(spanAround({ startedAtMs: 10 * HOUR_MS, endedAtMs: null }, 12 * HOUR_MS).to).toBe(12 * HOUR_MS);
  const { from, to } = spanAround({ startedAtMs: 10 * HOUR_MS, endedAtMs: null }, 10 * HOUR_MS);
  expect(to - from).toBeGreaterThan(0);
});

test('shows the start of what goes on for days', () => {
  const { from, to } = spanAround({ startedAtMs: 0, endedAtMs: null }, 1000 * HOUR_MS);
  expect(to - from).toBe(25 * HOUR_MS);
});
