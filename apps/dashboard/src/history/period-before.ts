import type { SeriesHistory } from '@booner/protocol';
import type { Column } from './column.ts';

/** A value belongs to a time if it is at most this many points away. */
const REACH_POINTS = 0.75;

type Columns = Pick<SeriesHistory, 'timesMs' | 'series'>;

/** A range, and the same metrics in the period before it, at the same rows. */
export type WithBefore = { readonly now: Columns; readonly before: Columns };

/**
 * Puts the period before beside a range. Where the range itself has no rows, those of the period
 * before are added, so that a silence does not hide what was there.
 * @param shiftMs time between the two
 */
export function withBefore(now: Columns, before: Columns, shiftMs: number): WithBefore {
  const moved = before.timesMs.map((atMs) => atMs + shiftMs);
  const spacingMs = Math.max(spacing(now.timesMs), spacing(moved));
  const reachMs = REACH_POINTS * spacingMs;
  const added = moved.filter((atMs) => nearest(now.timesMs, atMs, reachMs) === null);
  const rows = [
    ...now.timesMs.map((atMs, row) => ({ atMs, row })),
    ...added.map((atMs) => ({ atMs, row: null })),
  ].sort((a, b) => a.atMs - b.atMs);
  const timesMs = rows.map(({ atMs }) => atMs);
  const pick = (column: Column) => rows.map(({ row }) => (row === null ? null : (column[row] ?? null)));
  const at = timesMs.map((atMs) => nearest(moved, atMs, reachMs));
  const find = (column: Column) => at.map((row) => (row === null ? null : (column[row] ?? null)));
  return { now: mapColumns(now, timesMs, pick), before: mapColumns(before, timesMs, find) };
}

function mapColumns(
  { series }: Columns,
  timesMs: number[],
  change: (column: Column) => (number | null)[],
): Columns {
  const changed = series.map((one) => ({
    ...one,
    avg: change(one.avg),
    min: change(one.min),
    max: change(one.max),
  }));
  return { timesMs, series: changed };
}

function spacing(times: readonly number[]): number {
  const steps = times.slice(1).map((atMs, index) => atMs - (times[index] ?? atMs));
  steps.sort((a, b) => a - b);
  return steps[Math.floor(steps.length / 2)] ?? 0;
}

/** Returns the index of the closest time, if it is within reach. Times are in order. */
function nearest(times: readonly number[], atMs: number, reachMs: number): number | null {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) < atMs) low = middle + 1;
    else high = middle;
  }
  const distance = (index: number) => Math.abs((times[index] ?? Number.POSITIVE_INFINITY) - atMs);
  const index = distance(low - 1) <= distance(low) ? low - 1 : low;
  return distance(index) <= reachMs ? index : null;
}
