import type { WindowFunction } from './window-function.ts';

/** One of the samples, in their unit. A bucket is [extreme]. */
const extreme = (isFurther: (a: number, b: number) => boolean): WindowFunction => ({
  buckets: 8,
  fields: 1,
  leastSpan: 1,
  add(cells, at, value) {
    if (Number.isNaN(cells[at]!) || isFurther(value, cells[at]!)) cells[at] = value;
  },
  read({ cells, starts, count }) {
    let furthest = cells[starts[0]!]!;
    for (let index = 1; index < count; index += 1) {
      const value = cells[starts[index]!]!;
      if (isFurther(value, furthest)) furthest = value;
    }
    return furthest;
  },
});

export const minimum = extreme((a, b) => a < b);
export const maximum = extreme((a, b) => a > b);
