export type BackoffBounds = {
  /** Bound of the first delay. */
  readonly minMs: number;
  /** Bound of every delay. */
  readonly maxMs: number;
};

/**
 * Exponential backoff with full jitter: evenly from 0 to min(maxMs, minMs * 2^attempt), so that a crowd that lost the same hub does
 * not come back at once (Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
 * @param attempt 0 before the first retry
 * @returns milliseconds
 */
export function fullJitterMs(
  attempt: number,
  { minMs, maxMs }: BackoffBounds,
  random: () => number = Math.random,
): number {
  return Math.round(random() * Math.min(maxMs, minMs * 2 ** Math.min(attempt, 30)));
}
