import { backoffDelayMs } from '@booner/protocol/backoff';
import type { Clock } from '../time/clock.ts';
import { BoonerError } from './booner-error.ts';

const MAX_TRIES = 4;
const BACKOFF = { minMs: 500, maxMs: 4000 };
/** If a hub asks for a longer pause, the caller gets the error instead. */
const LONGEST_WAIT_MS = 10_000;

export type RetryDeps = { readonly clock: Clock; readonly random: () => number };

/**
 * Retries a failed operation for a while. Only for operations that are safe to repeat. Rejects with
 * the last failure.
 */
export async function retrying<T>(
  request: () => Promise<T>,
  { clock, random }: RetryDeps,
  signal: AbortSignal | undefined,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await request();
    } catch (error) {
      if (tries === MAX_TRIES || !(error instanceof BoonerError) || !mayPass(error)) throw error;
      const waitMs = Math.max(error.retryAfterMs ?? 0, backoffDelayMs(tries - 1, BACKOFF, random));
      if (waitMs > LONGEST_WAIT_MS) throw error;
      await wait(waitMs, clock, signal);
    }
  }
}

/** Returns true for a failure that a later attempt may not have. */
export const mayPass = ({ code, status }: BoonerError): boolean =>
  code === 'unreachable' || code === 'timeout' || status === 502 || status === 503 || status === 504;

/** Waits for a timer. Rejects with the signal's reason. */
export function wait(ms: number, clock: Clock, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
