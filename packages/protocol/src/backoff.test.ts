import fc from 'fast-check';
import { expect, it } from 'vitest';
import { backoffDelayMs } from './backoff.ts';

const BOUNDS = { minMs: 100, maxMs: 5000 };

it('draws from 0 to a bound that doubles up to the cap', () => {
  const boundOf = (attempt: number) => backoffDelayMs(attempt, BOUNDS, () => 1);
  expect([0, 1, 2, 5, 6, 1000].map(boundOf)).toEqual([100, 200, 400, 3200, 5000, 5000]);
  expect(backoffDelayMs(3, BOUNDS, () => 0)).toBe(0);
});

it('never leaves its bounds', () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (attempt, random) => {
        const delayMs = backoffDelayMs(attempt, BOUNDS, () => random);
        expect(delayMs).toBeGreaterThanOrEqual(0);
        expect(delayMs).toBeLessThanOrEqual(5000);
      },
    ),
  );
});
