import { type Column, type Points, seriesKey } from './points.ts';

/** Samples taken from parts: row `row` of `from`. */
type Row = { readonly atMs: number; readonly from: Points; readonly row: number };

/**
 * Joins two sets of samples of one minute, in the order of time. A sample of `added` within half an
 * interval of one in `kept` is left out: it is the same sample, received again.
 */
export function mergeSamples(kept: Points, added: Points): Points {
  const isNew = ({ atMs }: Row) => !hasSampleAt(kept, added, atMs);
  return gather([...rowsOf(kept), ...rowsOf(added).filter(isNew)].sort((a, b) => a.atMs - b.atMs));
}

/**
 * Joins samples that have just been received with the stored part of their minute. That is kept,
 * as after a restart of the hub, unless most of the new ones have a stored one beside them: these
 * have their times from a clock that was ahead.
 */
export function mergeLive(stored: Points, live: Points): Points {
  const beside = live.times.filter((atMs) => hasSampleAt(stored, live, atMs)).length;
  const wasAhead = beside > 1 && beside > live.times.length / 2;
  return wasAhead ? mergeSamples(live, stored) : mergeSamples(stored, live);
}

function hasSampleAt(points: Points, other: Points, atMs: number): boolean {
  const intervalMs = Math.max(points.intervalMs, other.intervalMs);
  return points.times.some((known) => Math.abs(known - atMs) < intervalMs / 2);
}

/** Returns the samples of minutes that lie within [fromMs, toMs). */
export function samplesWithin(minutes: readonly Points[], fromMs: number, toMs: number): Points {
  return gather(minutes.flatMap(rowsOf).filter(({ atMs }) => atMs >= fromMs && atMs < toMs));
}

const rowsOf = (from: Points): Row[] => Array.from(from.times, (atMs, row) => ({ atMs, from, row }));

function gather(rows: readonly Row[]): Points {
  const parts = new Map<Points, ReadonlyMap<string, Column | null>>();
  for (const { from } of rows) {
    if (parts.has(from)) continue;
    parts.set(from, new Map(from.series.map((one, index) => [seriesKey(one), from.columns[index] ?? null])));
  }
  const all = [...parts.keys()];
  const series = new Map(all.flatMap((part) => part.series.map((one) => [seriesKey(one), one] as const)));
  return {
    intervalMs: Math.max(0, ...all.map(({ intervalMs }) => intervalMs)),
    times: Float64Array.from(rows, ({ atMs }) => atMs),
    counts: null,
    series: [...series.values()],
    columns: [...series.keys()].map((key): Column | null => {
      if (all.every((part) => !parts.get(part)?.get(key))) return null; // not requested
      const avg = Float64Array.from(
        rows,
        ({ from, row }) => parts.get(from)?.get(key)?.avg[row] ?? Number.NaN,
      );
      return { avg, min: avg, max: avg, count: null };
    }),
  };
}
