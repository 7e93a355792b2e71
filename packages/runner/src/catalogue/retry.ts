import { durationSchema, MAX_ATTEMPTS } from '@booner/protocol';
import { backoffDelayMs } from '@booner/protocol/backoff';
import { parseDuration } from '@booner/protocol/duration';
import { z } from 'zod';

const MAX_BACKOFF = '1h';
const MAX_BACKOFF_MS = parseDuration(MAX_BACKOFF)!;

/** Repetition of what failed: of a step, or of a whole run. */
export type Retry = {
  /** Maximum number of starts. */
  readonly attempts: number;
  /** Wait before the second start, which doubles with each further one. */
  readonly backoffMs: number;
};

export const NO_RETRY: Retry = { attempts: 1, backoffMs: 0 };

/** `retry` in an action file. */
export const retrySchema = z
  .strictObject({
    attempts: z.int().min(1).max(MAX_ATTEMPTS),
    backoff: durationSchema({ max: MAX_BACKOFF }).default('0s'),
  })
  .transform(({ attempts, backoff }): Retry => ({ attempts, backoffMs: parseDuration(backoff) ?? 0 }));

/**
 * Returns the wait after an attempt that failed, in milliseconds: between half and all of the
 * backoff, so that hosts whose runs failed together do not start together again.
 * @param attempt number of the attempt that failed
 */
export function retryDelayMs({ backoffMs }: Retry, attempt: number, random = Math.random): number {
  const half = { minMs: backoffMs / 2, maxMs: MAX_BACKOFF_MS / 2 };
  return backoffDelayMs(attempt - 1, half, () => 1) + backoffDelayMs(attempt - 1, half, random);
}
