import type { Measurements, TargetHistory } from '@booner/protocol';
import { HISTORY_FIGURES, type HistoryFigureName } from '@booner/protocol/figures';
import { SILENT_INTERVALS } from '@booner/protocol/limits';

/**
 * Rows closer than this share of an interval are one: hubs receive a sample at slightly different
 * times.
 */
const SAME_ROW_INTERVALS = 0.25;

/** Measurements at one time. `null`: a silence. */
export type HistoryRow = { readonly atMs: number; readonly measurements: Measurements | null };

/** Returns a history without rows, for a host that has not been read yet. */
export function emptyHistory(host: TargetHistory['host'], fromMs: number, toMs: number): TargetHistory {
  const columns = Object.fromEntries(HISTORY_FIGURES.map(({ name }) => [name, []]));
  return {
    host,
    fromMs,
    toMs,
    intervalMs: null,
    times: [],
    ...(columns as unknown as Record<HistoryFigureName, (number | null)[]>),
    coreUsageRatios: [],
  };
}

/** Returns the rows from one index to another, for another span of time. */
function sliceRows(
  history: TargetHistory,
  [start, end]: readonly [number, number],
  [fromMs, toMs]: readonly [number, number],
): TargetHistory {
  return mapColumns({ ...history, fromMs, toMs }, (column) => column.slice(start, end));
}

/**
 * Adds a row, unless it is present or older than the last one. A preceding silence becomes a row of
 * its own.
 * @param intervalMs interval of the samples
 */
export function appendRow(history: TargetHistory, row: HistoryRow, intervalMs: number): TargetHistory {
  const lastMs = history.times.at(-1);
  if (lastMs !== undefined && row.atMs - lastMs < SAME_ROW_INTERVALS * intervalMs) return history;
  const base = closeSilence(history, row.atMs, intervalMs);
  return { ...addRow(base, row), intervalMs: base.intervalMs ?? intervalMs };
}

/** Ends the line of a host that has been silent for too long at `nowMs`. */
export function closeSilence(history: TargetHistory, nowMs: number, intervalMs: number): TargetHistory {
  if (!isSilentAt(history, nowMs, intervalMs)) return history;
  const last = history.times.length - 1;
  if (isGap(history, last)) return history;
  return addRow(history, { atMs: history.times[last]! + Math.round(intervalMs), measurements: null });
}

/**
 * Returns true if rows are missing at `nowMs`. In a large fleet a hub keeps only some samples, so
 * rows may be further apart than samples.
 */
export function isSilentAt(
  { times, intervalMs: rowsMs }: TargetHistory,
  nowMs: number,
  intervalMs: number,
): boolean {
  const lastMs = times.at(-1);
  return lastMs !== undefined && nowMs - lastMs > SILENT_INTERVALS * Math.max(intervalMs, rowsMs ?? 0);
}

/**
 * Merges a newly read history with the rows before and after it that were known already. A
 * restarted hub has forgotten the former and has not sent the latter.
 */
export function mergeHistory(known: TargetHistory, read: TargetHistory, intervalMs: number): TargetHistory {
  const firstMs = read.times[0];
  const lastMs = read.times.at(-1);
  if (firstMs === undefined || lastMs === undefined) {
    return { ...known, fromMs: read.fromMs, toMs: read.toMs };
  }
  const slackMs = SAME_ROW_INTERVALS * intervalMs;
  const { times } = known;
  const before = sliceRows(known, [0, countWhile(times, (atMs) => atMs < firstMs - slackMs)], [0, 0]);
  const after = sliceRows(
    known,
    [countWhile(times, (atMs) => atMs <= lastMs + slackMs), times.length],
    [0, 0],
  );
  const head = { ...joinRows(closeSilence(before, firstMs, intervalMs), read), intervalMs: read.intervalMs };
  const nextMs = after.times[0];
  const joined = nextMs === undefined ? head : joinRows(closeSilence(head, nextMs, intervalMs), after);
  return { ...joined, host: read.host, fromMs: read.fromMs, toMs: read.toMs };
}

function countWhile(times: readonly number[], holds: (atMs: number) => boolean): number {
  const end = times.findIndex((atMs) => !holds(atMs));
  return end === -1 ? times.length : end;
}

/** Returns the last `rangeMs` up to a time. */
export function moveWindow(history: TargetHistory, toMs: number, rangeMs: number): TargetHistory {
  const fromMs = toMs - rangeMs;
  const start = countWhile(history.times, (atMs) => atMs < fromMs);
  if (start === 0) return { ...history, fromMs, toMs };
  return sliceRows(history, [start, history.times.length], [fromMs, toMs]);
}

/** Returns true if a row has no values. */
export function isGap(history: TargetHistory, index: number): boolean {
  return HISTORY_FIGURES.every(({ name }) => (history[name][index] ?? null) === null);
}

type Column = readonly (number | null)[];

function mapColumns(history: TargetHistory, change: <T>(column: readonly T[]) => T[]): TargetHistory {
  const figures = Object.fromEntries(HISTORY_FIGURES.map(({ name }) => [name, change(history[name])]));
  return {
    ...history,
    ...(figures as unknown as Record<HistoryFigureName, (number | null)[]>),
    times: change(history.times),
    coreUsageRatios: history.coreUsageRatios.map((column) => change(column)),
  };
}

function addRow(history: TargetHistory, { atMs, measurements }: HistoryRow): TargetHistory {
  const row: TargetHistory = { ...emptyHistory(history.host, atMs, atMs), times: [atMs] };
  for (const { name, read } of HISTORY_FIGURES)
    row[name] = [measurements === null ? null : read(measurements)];
  row.coreUsageRatios = measurements?.cpu?.cores.map(({ usageRatio }) => [usageRatio]) ?? [];
  return joinRows(history, row);
}

/**
 * Appends the rows of one history to another. Cores that only one of them has are unknown in the
 * other.
 */
function joinRows(first: TargetHistory, second: TargetHistory): TargetHistory {
  const joined = { ...first, times: [...first.times, ...second.times] };
  for (const { name } of HISTORY_FIGURES) joined[name] = [...first[name], ...second[name]];
  const cores = Math.max(first.coreUsageRatios.length, second.coreUsageRatios.length);
  const column = (of: TargetHistory, core: number): Column =>
    of.coreUsageRatios[core] ?? new Array<null>(of.times.length).fill(null);
  joined.coreUsageRatios = Array.from({ length: cores }, (_, core) => [
    ...column(first, core),
    ...column(second, core),
  ]);
  return joined;
}
