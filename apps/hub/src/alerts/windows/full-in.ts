import type { FilledBuckets, WindowFunction } from './window-function.ts';

/** Part of the window whose own line must lead to the limit, too. */
const RECENT_SHARE = 0.25;

/**
 * Seconds until the value reaches its limit if it goes on along the straight line that fits the
 * window best: 0 if the line is at the limit already, infinite if it leads away from it.
 *
 * Least squares over the mean of each bucket, weighted by its samples: with mean time t and mean
 * value v of all samples, slope = Σ n (tᵢ - t)(vᵢ - v) / Σ n (tᵢ - t)². Like `predict_linear` of
 * Prometheus, it starts from the line, not from the last sample.
 * https://en.wikipedia.org/wiki/Simple_linear_regression
 *
 * A backup that wrote for an hour and stopped would keep the line rising for six. So the same line
 * through the latest quarter of the window counts if it says later.
 *
 * A bucket is [samples, sum of times, sum of values]. 24 of them: a quarter of an hour each of the
 * usual six hours.
 */
export const fullIn: WindowFunction = {
  buckets: 24,
  fields: 3,
  leastSpan: 0.5,
  add(cells, at, value, timeMs) {
    const isEmpty = Number.isNaN(cells[at]!);
    cells[at] = isEmpty ? 1 : cells[at]! + 1;
    cells[at + 1] = isEmpty ? timeMs : cells[at + 1]! + timeMs;
    cells[at + 2] = isEmpty ? value : cells[at + 2]! + value;
  },
  read(filled, atMs, limit) {
    const recent = Math.floor(filled.count * (1 - RECENT_SHARE));
    return Math.max(alongLine(filled, 0, atMs, limit), alongLine(filled, recent, atMs, limit));
  },
};

/** @param from first bucket that the line goes through */
function alongLine({ cells, starts, count }: FilledBuckets, from: number, atMs: number, limit: number) {
  let samples = 0;
  let times = 0;
  let values = 0;
  for (let index = from; index < count; index += 1) {
    const at = starts[index]!;
    samples += cells[at]!;
    times += cells[at + 1]!;
    values += cells[at + 2]!;
  }
  const meanMs = times / samples;
  const mean = values / samples;
  let covariance = 0;
  let variance = 0;
  for (let index = from; index < count; index += 1) {
    const at = starts[index]!;
    const offsetMs = cells[at + 1]! / cells[at]! - meanMs;
    covariance += cells[at]! * offsetMs * (cells[at + 2]! / cells[at]! - mean);
    variance += cells[at]! * offsetMs * offsetMs;
  }
  const perMs = variance === 0 ? 0 : covariance / variance;
  const left = limit - (mean + perMs * (atMs - meanMs));
  const isUsedUp = limit > mean ? left <= 0 : left >= 0;
  if (isUsedUp || mean === limit) return 0;
  const leftMs = left / perMs;
  return leftMs > 0 ? leftMs / 1000 : Number.POSITIVE_INFINITY;
}
