/** Rows to judge the usual spacing by. */
const RECENT_ROWS = 30;
/** A time belongs to the nearest row when that is no further away than this share of the spacing: a sample may come late. */
const REACH = 1.3;

/** Usual time between two rows: the median of the last ones; 0 with fewer than two. */
export function spacingOf(times: readonly number[]): number {
  const recent = times.slice(-RECENT_ROWS);
  const steps = recent.slice(1).map((atMs, index) => atMs - (recent[index] ?? atMs));
  steps.sort((a, b) => a - b);
  return steps[Math.floor(steps.length / 2)] ?? 0;
}

/** Index of the row that tells of a time; `null` when there is none near it, such as in a silence. */
export function rowAt(times: readonly number[], atMs: number, spacingMs = spacingOf(times)): number | null {
  let low = 0;
  let high = times.length; // the first row after `atMs`
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) <= atMs) low = middle + 1;
    else high = middle;
  }
  const before = times[low - 1];
  const after = times[low];
  if (before === undefined && after === undefined) return null;
  const isAfter = before === undefined || (after !== undefined && after - atMs < atMs - before);
  const index = isAfter ? low : low - 1;
  const isNear = Math.abs((times[index] ?? 0) - atMs) <= Math.max(1, REACH * spacingMs);
  return isNear ? index : null;
}
