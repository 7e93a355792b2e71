import { expect, it } from 'vitest';
import { retryDelayMs } from './retry-delay.ts';

const HOUR_MS = 3_600_000;
const item = (attempts: number, firstAtMs = 0) => ({ attempts, firstAtMs });
const delays = (random: number) =>
  [0, 1, 2, 7, 8, 1000].map((attempts) =>
    retryDelayMs(item(attempts), { atLeastMs: 0, nowMs: 0, random: () => random }),
  );

it('doubles from 5 s to 15 min, with full jitter', () => {
  expect(delays(1)).toEqual([5000, 10_000, 20_000, 640_000, 900_000, 900_000]);
  expect(delays(0)).toEqual([0, 0, 0, 0, 0, 0]);
});

it('waits for as long as the other side asks, and the jitter on top', () => {
  expect(retryDelayMs(item(0), { atLeastMs: 60_000, nowMs: 0, random: () => 0.5 })).toBe(62_500);
});

it('makes the last attempt after 24 hours', () => {
  const at = (nowMs: number) => retryDelayMs(item(50), { atLeastMs: HOUR_MS, nowMs, random: () => 1 });
  expect(at(23.5 * HOUR_MS)).toBe(0.5 * HOUR_MS);
  expect(at(24 * HOUR_MS - 1)).toBe(1);
  expect(at(24 * HOUR_MS)).toBeNull();
});
