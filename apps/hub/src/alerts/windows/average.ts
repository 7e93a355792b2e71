import type { WindowFunction } from './window-function.ts';

/** Arithmetic mean of the samples, in their unit. A bucket is [sum, samples]. */
export const average: WindowFunction = {
  buckets: 8,
  fields: 2,
  leastSpan: 1,
  add(cells, at, value) {
    const isEmpty = Number.isNaN(cells[at]!);
    cells[at] = isEmpty ? value : cells[at]! + value;
    cells[at + 1] = isEmpty ? 1 : cells[at + 1]! + 1;
  },
  read({ cells, starts, count }) {
    let sum = 0;
    let samples = 0;
    for (let index = 0; index < count; index += 1) {
      sum += cells[starts[index]!]!;
      samples += cells[starts[index]! + 1]!;
    }
    return sum / samples;
  },
};
