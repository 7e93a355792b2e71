import type { WindowFunction } from './window-function.ts';

/**
 * Change per second between the first and the last sample, in the unit of the samples per second.
 * Metrics are gauges, so there are no counter resets: `delta` of Prometheus divided by time,
 * without its extrapolation. A bucket is [first time, first value, last time, last value].
 */
export const rate: WindowFunction = {
  buckets: 8,
  fields: 4,
  leastSpan: 1,
  add(cells, at, value, timeMs) {
    if (Number.isNaN(cells[at]!)) {
      cells[at] = timeMs;
      cells[at + 1] = value;
    }
    cells[at + 2] = timeMs;
    cells[at + 3] = value;
  },
  read({ cells, starts, count }) {
    const oldest = starts[0]!;
    const newest = starts[count - 1]!;
    const spanMs = cells[newest + 2]! - cells[oldest]!;
    return spanMs === 0 ? 0 : ((cells[newest + 3]! - cells[oldest + 1]!) / spanMs) * 1000;
  },
};
