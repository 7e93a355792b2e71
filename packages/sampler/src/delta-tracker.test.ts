import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CounterRates, createDeltaTracker } from './delta-tracker.ts';

/** Feeds one device `a` with [seconds, value] readings and returns what each brings. */
function track(...readings: readonly (readonly [seconds: number, value: number])[]): (number | null)[] {
  const tracker = createDeltaTracker();
  return readings.map(([seconds, value]) =>
    rateOf(tracker.update(new Map([['a', [value]]]), seconds * 1000)),
  );
}

const rateOf = (rates: CounterRates): number | null => rates.get('a')?.[0] ?? null;

test('a counter becomes a rate per second from the second reading on', () => {
  expect(track([0, 100], [3, 400], [6, 400], [16, 1400])).toEqual([null, 100, 0, 100]);
});

test('a wrap at 32 bits goes on with the same rate', () => {
  expect(track([0, 2 ** 32 - 600], [3, 2 ** 32 - 300], [6, 0], [9, 300])).toEqual([null, 100, 100, 100]);
});

test('a wrap at 64 bits goes on with the same rate, within the precision of doubles', () => {
  const [, before, across, after] = track([0, 2 ** 64 - 6e9], [3, 2 ** 64 - 3e9], [6, 0], [9, 3e9]);
  for (const rate of [before, across, after]) expect(rate).toBeCloseTo(1e9, -4);
});

test('a counter that starts again has no rate for one interval', () => {
  expect(track([0, 3e9], [3, 3e9 + 300], [6, 50], [9, 350])).toEqual([null, 100, null, 100]);
});

test('a wrap right after the first reading is in doubt', () => {
  expect(track([0, 2 ** 32 - 300], [3, 0], [6, 300])).toEqual([null, null, 100]);
});

test('a counter that says 0 once and then goes on where it was makes no spike', () => {
  expect(track([0, 1e12], [3, 1e12 + 300], [6, 0], [9, 1e12 + 900], [12, 1e12 + 1200])).toEqual([
    null,
    100,
    null,
    null,
    100,
  ]);
});

test('a device that vanishes and returns starts over', () => {
  const tracker = createDeltaTracker();
  const read = (seconds: number, devices: Record<string, number[]>) =>
    Object.fromEntries(tracker.update(new Map(Object.entries(devices)), seconds * 1000));
  read(0, { a: [0], b: [0] });
  expect(read(1, { a: [10], b: [20] })).toEqual({ a: [10], b: [20] });
  expect(read(2, { a: [20] })).toEqual({ a: [10] });
  expect(read(3, { a: [30], b: [1e9] })).toEqual({ a: [10] });
  expect(read(4, { a: [40], b: [1e9 + 5] })).toEqual({ a: [10], b: [5] });
});

test('readings in one instant, or a clock that went back, make no rate', () => {
  expect(track([10, 0], [10, 1000], [10.02, 2000], [13, 300])).toEqual([null, null, null, 100]);
  expect(track([10, 0], [5, 1000], [8, 1300])).toEqual([null, null, 100]);
  expect(track([10, 0], [Number.NaN, 1000], [13, 300])).toEqual([null, null, 100]);
});

test('an hour of suspension is a long interval with a low rate', () => {
  expect(track([0, 0], [3, 300], [3603, 660], [3606, 960])).toEqual([null, 100, 0.1, 100]);
});

test('a reading that is not a count is ignored', () => {
  expect(track([0, 0], [3, Number.NaN], [6, 600], [9, -1], [12, Number.POSITIVE_INFINITY])).toEqual(
    Array(5).fill(null),
  );
});

test('a counter that is new to a device makes the device new', () => {
  const tracker = createDeltaTracker();
  tracker.update(new Map([['a', [1]]]), 0);
  expect(tracker.update(new Map([['a', [2, 5]]]), 1000).size).toBe(0);
});

test('no rate is ever negative, NaN or infinite, whatever is read whenever', () => {
  const value = fc.oneof(fc.double(), fc.maxSafeNat(), fc.constantFrom(0, 2 ** 32 - 1, 2 ** 53, 2 ** 64));
  const reading = fc.record({
    atMs: fc.oneof(fc.double(), fc.nat(20_000)),
    devices: fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.array(value, { maxLength: 3 })),
  });
  fc.assert(
    fc.property(fc.array(reading, { maxLength: 12 }), (readings) => {
      const tracker = createDeltaTracker();
      for (const { atMs, devices } of readings) {
        for (const rates of tracker.update(new Map(Object.entries(devices)), atMs).values()) {
          for (const rate of rates) expect(Number.isFinite(rate) && rate >= 0).toBe(true);
        }
      }
    }),
    { numRuns: 2000 },
  );
});

for (const fault of ['restarts', 'lapses', 'vanishes'] as const) {
  test(`a counter that wraps or ${fault} never makes a rate of more than twice the highest true one`, () => {
    const event = fc.record({
      elapsedMs: fc.oneof(fc.constantFrom(0, -5000, 3_600_000), fc.integer({ min: 1, max: 10_000 })),
      perSecond: fc.oneof(fc.constant(0), fc.nat(100_000_000)),
      what: fc.constantFrom('counts', 'counts', 'counts', fault),
    });
    // A counter that wraps and lapses in one interval cannot be distinguished from plain counting.
    const wraps = fault === 'lapses' ? [Number.POSITIVE_INFINITY] : [2 ** 32, 2 ** 64];
    fc.assert(
      fc.property(
        fc.constantFrom(...wraps),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.array(event, { maxLength: 40 }),
        (wrap, start, events) => {
          const tracker = createDeltaTracker();
          let counter = Math.floor(start * Math.min(wrap - 1, 2 ** 52)) + 1;
          if (start > 0.5 && Number.isFinite(wrap)) counter = wrap - Math.floor(2 ** 32 * (1 - start));
          let atMs = 0;
          let highest = 0;
          tracker.update(new Map([['a', [counter]]]), atMs);
          for (const { elapsedMs, perSecond, what } of events) {
            const added = Math.floor((Math.max(elapsedMs, 0) / 1000) * perSecond);
            if (added >= wrap) continue; // it wraps more than once between two readings
            atMs += elapsedMs;
            counter = (counter + added) % wrap;
            highest = Math.max(highest, perSecond);
            if (what === 'restarts') counter = 0;
            const devices = new Map(what === 'vanishes' ? [] : [['a', [what === 'lapses' ? 0 : counter]]]);
            const rate = rateOf(tracker.update(devices, atMs)) ?? 0;
            const granularity = 4096 / 0.05; // of doubles near 2^64, over the shortest interval
            expect(rate).toBeLessThanOrEqual(highest * 2 + granularity);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
}
