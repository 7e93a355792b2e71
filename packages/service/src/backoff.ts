export type BackoffOptions = {
  /** Bound of the first delay. */
  readonly minMs: number;
  /** Bound of every delay. */
  readonly maxMs: number;
  readonly random?: () => number;
};

/**
 * Exponential backoff with full jitter: a delay drawn evenly from 0 to min(maxMs, minMs * 2^attempt), so that a crowd that lost
 * the same server does not come back at once (Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
 * @param attempt failures so far, less one: 0 before the first retry
 * @returns milliseconds
 */
export function backoffDelayMs(
  attempt: number,
  { minMs, maxMs, random = Math.random }: BackoffOptions,
): number {
  const boundMs = Math.min(maxMs, minMs * 2 ** Math.min(attempt, 30));
  return Math.round(random() * boundMs);
}
