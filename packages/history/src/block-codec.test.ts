import { HISTORY_METRICS, type MetricUnit } from '@booner/protocol/history-metrics';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeBlock, encodeBlock } from './block-codec.ts';
import type { Points } from './points.ts';
import { rollUp } from './roll-up.ts';
import { arbitraryMinute, BLOCK_START_MS, SERIES } from './testing/arbitrary-points.ts';

/** Largest error of a stored value: half of its unit's precision. */
const ERRORS: { readonly [Unit in MetricUnit]?: number } = {
  ratio: 0.0005,
  bytes: 2048,
  load: 0.005,
  count: 0.5,
};

const roundTrip = (points: Points, wants?: () => boolean) => {
  const { series } = points;
  return decodeBlock(encodeBlock(points, BLOCK_START_MS), { startMs: BLOCK_START_MS, series, wants });
};

/** Relative error of a value in a rollup. */
const ROLLUP_ERROR = 0.000_062;

/** Expects each value within an error, and unknown ones to stay unknown. */
function expectClose(
  read: Float64Array | undefined,
  written: Float64Array,
  error: number,
  relativeError = 1e-15, // what a double of this size cannot represent
): void {
  const wrong = [...written].flatMap((value, row) => {
    const actual = read?.[row] as number;
    if (Number.isNaN(value) && Number.isNaN(actual)) return [];
    const isClose = Math.abs(actual - value) <= error * 1.001 + Math.abs(value) * relativeError;
    return isClose ? [] : [{ row, value, actual }];
  });
  expect(wrong).toEqual([]);
  expect(read).toHaveLength(written.length);
}

test('samples are read within the precision of their unit, with every pattern of unknown values', () => {
  fc.assert(
    fc.property(arbitraryMinute, (points) => {
      const read = roundTrip(points);
      expect(read?.times).toEqual(points.times);
      for (const [index, { metric }] of SERIES.entries()) {
        const error = ERRORS[HISTORY_METRICS[metric].unit] as number;
        expectClose(read?.columns[index]?.avg, points.columns[index]?.avg as Float64Array, error);
      }
    }),
    { numRuns: 40 },
  );
});

test('rollups keep averages, minima, maxima and the number of samples of each series', () => {
  fc.assert(
    fc.property(arbitraryMinute, (minute) => {
      const points = rollUp([minute], {
        fromMs: BLOCK_START_MS,
        toMs: BLOCK_START_MS + 60_000,
        stepMs: 10_000,
      });
      const read = roundTrip(points);
      expect(read?.times).toEqual(points.times);
      expect(read?.counts).toEqual(points.counts);
      for (const [index, column] of points.columns.entries()) {
        const error = ERRORS[HISTORY_METRICS[SERIES[index]!.metric].unit] as number;
        const found = read?.columns[index];
        expect(found?.count).toEqual(column?.count);
        expectClose(found?.avg, column!.avg, error, ROLLUP_ERROR);
        expectClose(found?.min, column!.min, error, ROLLUP_ERROR);
        expectClose(found?.max, column!.max, error, ROLLUP_ERROR);
        for (const [row, avg] of found?.avg.entries() ?? []) {
          if (Number.isNaN(avg)) continue;
          expect(found?.min[row]).toBeLessThanOrEqual(avg);
          expect(found?.max[row]).toBeGreaterThanOrEqual(avg);
        }
      }
    }),
    { numRuns: 40 },
  );
});

test('series that are not wanted are passed over, and the others are the same', () => {
  fc.assert(
    fc.property(arbitraryMinute, fc.nat(SERIES.length - 1), (points, wanted) => {
      const all = roundTrip(points);
      const some = decodeBlock(encodeBlock(points, BLOCK_START_MS), {
        startMs: BLOCK_START_MS,
        series: SERIES,
        wants: (_, index) => index === wanted,
      });
      expect(some?.columns.map((column) => column !== null)).toEqual(
        SERIES.map((_, index) => index === wanted),
      );
      expect(some?.columns[wanted]?.avg).toEqual(all?.columns[wanted]?.avg);
    }),
    { numRuns: 20 },
  );
});

test('a block that was cut or changed is null, and never an error', () => {
  const [points] = fc.sample(arbitraryMinute, { numRuns: 1, seed: 1 });
  const data = encodeBlock(points as Points, BLOCK_START_MS);
  const decode = (bytes: Uint8Array) => decodeBlock(bytes, { startMs: BLOCK_START_MS, series: SERIES });
  const damaged = Array.from(data, (_, place) => {
    const changed = Uint8Array.from(data);
    changed[place]! ^= 0x55;
    return [data.slice(0, place), changed];
  }).flat();
  expect(damaged.map(decode).filter((read) => read !== null)).toEqual([]);
});

test('values beyond any measurement are stored as the largest that fits', () => {
  const avg = Float64Array.of(Number.POSITIVE_INFINITY, 0.5, 1e300);
  const read = roundTrip({
    intervalMs: 3000,
    times: Float64Array.of(1, 2, 3).map((offset) => BLOCK_START_MS + offset),
    counts: null,
    series: SERIES.slice(0, 1),
    columns: [{ avg, min: avg, max: avg, count: null }],
  });
  expect([...(read?.columns[0]?.avg ?? [])]).toEqual([2 ** 51 / 1000, 0.5, 2 ** 51 / 1000]);
});
