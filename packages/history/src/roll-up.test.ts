import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Points } from './points.ts';
import { rollUp } from './roll-up.ts';
import { arbitraryMinute, BLOCK_START_MS } from './testing/arbitrary-points.ts';

const range = (stepMs: number) => ({ fromMs: BLOCK_START_MS, toMs: BLOCK_START_MS + 60_000, stepMs });
const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);
/** Rounding, and what is too small for a number of full precision. */
const tolerance = (value: number) => Math.max(Math.abs(value) * 1e-12, 1e-300);
const known = (values: Iterable<number>) => [...values].filter((value) => !Number.isNaN(value));

test('a rollup of rollups is the rollup of the samples', () => {
  fc.assert(
    fc.property(arbitraryMinute, (minute) => {
      const direct = rollUp([minute], range(60_000));
      const twice = rollUp([rollUp([minute], range(10_000))], range(60_000));
      expect(twice.counts).toEqual(direct.counts);
      for (const [index, column] of direct.columns.entries()) {
        const other = twice.columns[index];
        expect(other?.count).toEqual(column?.count);
        expect(other?.min).toEqual(column?.min);
        expect(other?.max).toEqual(column?.max);
        const [one, two] = [column?.avg[0] as number, other?.avg[0] as number];
        if (Number.isNaN(one)) expect(two).toBeNaN();
        else expect(Math.abs(two - one)).toBeLessThanOrEqual(tolerance(one));
      }
    }),
    { numRuns: 40 },
  );
});

test('no sample is lost, and averages lie between the extremes', () => {
  fc.assert(
    fc.property(arbitraryMinute, fc.constantFrom(1000, 7000, 10_000), (minute, stepMs) => {
      const points = rollUp([minute], range(stepMs));
      expect(sum(points.counts as Float64Array)).toBe(minute.times.length);
      for (const [index, column] of points.columns.entries()) {
        const values = known(minute.columns[index]?.avg as Float64Array);
        expect(sum(column?.count as Float64Array)).toBe(values.length);
        if (values.length === 0) continue;
        expect(Math.min(...known(column!.min))).toBe(Math.min(...values));
        expect(Math.max(...known(column!.max))).toBe(Math.max(...values));
        const outside = [...column!.avg].filter((avg, row) => {
          const [min, max] = [column!.min[row] as number, column!.max[row] as number];
          return avg < min - tolerance(min) || avg > max + tolerance(max);
        });
        expect(outside).toEqual([]);
      }
    }),
    { numRuns: 40 },
  );
});

test('samples outside of the range are left out', () => {
  fc.assert(
    fc.property(arbitraryMinute, fc.nat(60_000), (minute, offsetMs) => {
      const fromMs = BLOCK_START_MS + offsetMs;
      const { counts } = rollUp([minute], { ...range(10_000), fromMs });
      expect(sum(counts as Float64Array)).toBe(minute.times.filter((atMs) => atMs >= fromMs).length);
    }),
    { numRuns: 20 },
  );
});

test('without samples there are no points', () => {
  const none: Points[] = [];
  expect(rollUp(none, range(10_000))).toMatchObject({ times: new Float64Array(), series: [] });
});
