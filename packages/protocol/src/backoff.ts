export type BackoffBounds = {
  /** Bound of the first delay. */
  readonly minMs: number;
  /** Bound of every delay. */
  readonly maxMs: number;
};

/**
 * Returns a delay before the next attempt, in milliseconds: exponential backoff with full jitter,
 * drawn evenly from 0 to min(maxMs, minMs * 2^attempt). All sides of the protocol retry like this,
 * so that a crowd that lost the same server does not reconnect at once (Brooker, "Exponential
 * Backoff And Jitter", AWS Architecture Blog, 2015).
 * @param attempt 0 before the first retry
 */
export function backoffDelayMs(
  attempt: number,
  { minMs, maxMs }: BackoffBounds,
  random: () => number = Math.random,
): number {
  const boundMs = Math.min(maxMs, minMs * 2 ** Math.min(attempt, 30));
  return Math.round(random() * boundMs);
}
