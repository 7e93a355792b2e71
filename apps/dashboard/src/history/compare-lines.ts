import type { SeriesHistory } from '@booner/protocol';
import type { Column } from './column.ts';
import type { SeriesLine } from './plan-series.ts';

type Compared = Pick<SeriesHistory, 'timesMs' | 'series'> & { readonly host: string | null };

export type ComparedLines = { readonly times: readonly number[]; readonly lines: readonly SeriesLine[] };

/**
 * Puts one metric of several targets on common times. Points of one length stand at the same times
 * for all of them; samples do not, and each is put at the nearest time of the target with most.
 */
export function compareLines(targets: readonly Compared[], stepMs: number | null): ComparedLines {
  const times = stepMs === null ? longestTimes(targets) : allTimes(targets);
  const lines = targets.map((target): SeriesLine => {
    const label = target.host ?? '';
    const [series] = target.series;
    const rowOf = stepMs === null ? nearestRow(target.timesMs, times) : exactRow(target.timesMs);
    const pick = (column: Column | undefined) => times.map((atMs) => column?.[rowOf(atMs)] ?? null);
    return { label, avg: pick(series?.avg), min: pick(series?.min), max: pick(series?.max) };
  });
  return { times, lines };
}

const allTimes = (targets: readonly Compared[]): readonly number[] =>
  [...new Set(targets.flatMap(({ timesMs }) => timesMs))].sort((a, b) => a - b);

const longestTimes = (targets: readonly Compared[]): readonly number[] =>
  targets.reduce<readonly number[]>(
    (longest, { timesMs }) => (timesMs.length > longest.length ? timesMs : longest),
    [],
  );

function exactRow(timesMs: readonly number[]): (atMs: number) => number {
  const rows = new Map(timesMs.map((atMs, row) => [atMs, row]));
  return (atMs) => rows.get(atMs) ?? -1;
}

/** Returns rows of ascending times, in one pass. */
function nearestRow(timesMs: readonly number[], times: readonly number[]): (atMs: number) => number {
  const reachMs = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / Math.max(1, times.length - 1);
  let row = 0;
  return (atMs) => {
    const distance = (index: number) => Math.abs((timesMs[index] ?? Number.POSITIVE_INFINITY) - atMs);
    if ((timesMs[row] ?? 0) > atMs) row = 0;
    while (row + 1 < timesMs.length && distance(row + 1) <= distance(row)) row++;
    return distance(row) <= reachMs ? row : -1;
  };
}
