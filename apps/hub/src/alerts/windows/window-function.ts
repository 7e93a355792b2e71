/**
 * A function over a window that is kept as a ring of buckets, each summed up in a few numbers. The
 * first number of a bucket without samples is NaN. Times are Unix milliseconds.
 */
export type WindowFunction = {
  /** Buckets that the window is divided into. More of them follow it more closely. */
  readonly buckets: number;
  /** Numbers that sum up a bucket. */
  readonly fields: number;
  /** Share of the window, 0 to 1, that samples must span before there is a result. */
  readonly leastSpan: number;
  /** Adds a sample to the bucket whose numbers start at `at`. */
  readonly add: (cells: Float64Array, at: number, value: number, timeMs: number) => void;
  /**
   * Computes the result from buckets that have samples, at least one.
   * @param limit value at which the resource is used up, for `full_in`
   */
  readonly read: (filled: FilledBuckets, atMs: number, limit: number) => number;
};

export type FilledBuckets = {
  readonly cells: Float64Array;
  /** Where the numbers of each bucket start, oldest first; `count` of them. */
  readonly starts: Uint32Array;
  readonly count: number;
};
