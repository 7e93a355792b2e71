/** Rows from which the usual spacing is computed. */
const RECENT_ROWS = 30;
/**
 * A time belongs to the nearest row if that is within this share of the spacing: samples may be
 * late.
 */
const REACH = 1.3;

/**
 * Returns the usual time between two rows: the median of the last ones, or 0 with fewer than two.
 */
export function spacingOf(times: readonly number[]): number {
  const recent = times.slice(-RECENT_ROWS);
  const steps = recent.slice(1).map((atMs, index) => atMs - (recent[index] ?? atMs));
  steps.sort((a, b) => a - b);
  return steps[Math.floor(steps.length / 2)] ?? 0;
}

/** Returns the index of the row for a time. `null` if there is none near it, as in a silence. */
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
