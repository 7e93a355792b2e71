import { expect, test } from 'vitest';
import { createDistribution, mergeDistributions } from './distribution.ts';

test('percentiles are those of all values of all processes, within three significant digits', () => {
  const [low, high] = [createDistribution(), createDistribution()];
  for (let value = 1; value <= 500; value++) low.record(value);
  for (let value = 501; value <= 1000; value++) high.record(value);
  expect(mergeDistributions([low.encode(), high.encode()])).toEqual({
    count: 1000,
    p50: 500,
    p99: 990,
    max: 1000,
  });
});

test('values far apart keep their precision', () => {
  const latencies = createDistribution();
  for (let count = 0; count < 99; count++) latencies.record(12);
  latencies.record(7_654_321);
  const percentiles = mergeDistributions([latencies.encode()]);
  expect(percentiles?.p50).toBe(12);
  expect(percentiles?.max).toBeGreaterThan(7_640_000);
  expect(percentiles?.max).toBeLessThan(7_670_000);
});

test('nothing recorded is null, not 0', () => {
  const empty = createDistribution();
  expect(mergeDistributions([empty.encode()])).toBeNull();
  empty.record(5);
  empty.reset();
  expect(mergeDistributions([empty.encode()])).toBeNull();
});

test('a value that is impossible for a clock is refused', () => {
  const latencies = createDistribution();
  expect(() => latencies.record(-1)).toThrow(RangeError);
  expect(() => latencies.record(Number.NaN)).toThrow(RangeError);
});
