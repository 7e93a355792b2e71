import type { OutboxItem } from '@booner/bus';
import { backoffDelayMs } from '@booner/protocol/backoff';

/** What fired longer ago is no news. */
const GIVE_UP_AFTER_MS = 24 * 3_600_000;
const BACKOFF = { minMs: 5000, maxMs: 15 * 60_000 };

export type RetryDelayOptions = {
  /** Least delay, such as a pause that the other side asked for. */
  readonly atLeastMs: number;
  /** Unix milliseconds. */
  readonly nowMs: number;
  readonly random: () => number;
};

/**
 * Returns the time until the next attempt after one that failed; `null`: there is none. The last
 * attempt is made 24 hours after an item was put into the outbox.
 */
export function retryDelayMs(
  { attempts, firstAtMs }: Pick<OutboxItem, 'attempts' | 'firstAtMs'>,
  { atLeastMs, nowMs, random }: RetryDelayOptions,
): number | null {
  const leftMs = firstAtMs + GIVE_UP_AFTER_MS - nowMs;
  if (leftMs <= 0) return null;
  // What waits for the same receiver does not come back together.
  return Math.min(leftMs, atLeastMs + backoffDelayMs(attempts, BACKOFF, random));
}
