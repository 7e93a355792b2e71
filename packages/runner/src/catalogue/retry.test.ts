import { describe, expect, it } from 'vitest';
import { retryDelayMs } from './retry.ts';

const TEN_SECONDS = { attempts: 10, backoffMs: 10_000 };

describe('the wait before the next attempt', () => {
  it.each([
    [1, 5000, 10_000],
    [2, 10_000, 20_000],
    [3, 20_000, 40_000],
  ])('after attempt %i is %i to %i ms', (attempt, leastMs, mostMs) => {
    expect(retryDelayMs(TEN_SECONDS, attempt, () => 0)).toBe(leastMs);
    expect(retryDelayMs(TEN_SECONDS, attempt, () => 1)).toBe(mostMs);
  });

  it('is never more than an hour', () => {
    expect(retryDelayMs({ attempts: 10, backoffMs: 3_600_000 }, 9, () => 1)).toBe(3_600_000);
  });

  it('is nothing without a backoff', () => {
    expect(retryDelayMs({ attempts: 3, backoffMs: 0 }, 2)).toBe(0);
  });
});
