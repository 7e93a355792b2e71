import type { WindowFunction } from './window-function.ts';

/** The latest sample, in its unit, while it is not older than the window. A bucket is [value]. */
export const last: WindowFunction = {
  buckets: 1,
  fields: 1,
  leastSpan: 0,
  add(cells, at, value) {
    cells[at] = value;
  },
  read: ({ cells, starts, count }) => cells[starts[count - 1]!]!,
};
