import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addUp, sharesOf, timeSpent } from './cpu-times.ts';

const ZERO = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
const shares = (before: readonly number[], after: readonly number[]) => {
  const spent = timeSpent(before, after);
  return spent && sharesOf(spent);
};

test('interrupts are system time, and waiting for I/O does not count as use', () => {
  expect(shares(ZERO, [10, 10, 10, 40, 10, 5, 5, 10, 0, 0])).toEqual({
    usageRatio: 0.5,
    userRatio: 0.2,
    systemRatio: 0.2,
    iowaitRatio: 0.1,
    stealRatio: 0.1,
  });
});

test('the time of guests is counted once: in the use, not in user', () => {
  expect(shares(ZERO, [50, 20, 0, 30, 0, 0, 0, 0, 40, 10])).toMatchObject({
    usageRatio: 0.7,
    userRatio: 0.2,
  });
});

test('iowait that goes back is made up for by idle', () => {
  expect(shares([0, 0, 0, 100, 50], [10, 0, 0, 210, 30])).toMatchObject({ usageRatio: 0.1, iowaitRatio: 0 });
});

test('no time, and counters that were restarted, have no shares', () => {
  expect(timeSpent(ZERO, ZERO)).toBeNull();
  expect(timeSpent([100, 0, 0, 100], [5, 0, 0, 200])).toBeNull();
  expect(timeSpent([100, 0, 0, 100], [200, 0, 0, 50])).toBeNull();
});

test('the shares of CPUs together weigh each by its time', () => {
  const busy = timeSpent(ZERO, [100, 0, 0, 0])!;
  const idle = timeSpent(ZERO, [0, 0, 0, 300])!;
  expect(sharesOf(addUp([busy, idle])).usageRatio).toBe(0.25);
});

test('every share is between 0 and 1 and the parts never exceed the whole, whatever is read', () => {
  const times = fc.array(fc.nat(10_000), { minLength: 4, maxLength: 10 });
  fc.assert(
    fc.property(times, times, (before, after) => {
      const result = shares(before, after);
      if (result === null) return;
      for (const ratio of Object.values(result)) expect(ratio >= 0 && ratio <= 1).toBe(true);
      expect(result.userRatio + result.systemRatio + result.stealRatio).toBeLessThanOrEqual(
        result.usageRatio + 0.0002,
      );
      expect(result.usageRatio + result.iowaitRatio).toBeLessThanOrEqual(1.0002);
    }),
    { numRuns: 2000 },
  );
});
