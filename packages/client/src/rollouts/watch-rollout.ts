import type { Rollout } from '@booner/protocol';
import { backoffDelayMs } from '@booner/protocol/backoff';
import { isRolloutSettled } from '@booner/protocol/rollout-ends';
import { BoonerError } from '../http/booner-error.ts';
import { mayPass, type RetryDeps, wait } from '../http/retry.ts';
import type { RolloutRequests } from '../http/rollout-requests.ts';
import type { RequestOptions } from '../http/task-requests.ts';

export type WatchRolloutOptions = RequestOptions & {
  /** Called once when an outage starts. The watch continues after it. */
  readonly onOutage?: ((error: BoonerError) => void) | undefined;
};

/**
 * Yields a rollout now and after each change, until it has settled. Changes in quick succession
 * arrive together. Retries outages of the hub without end. Rejects with the `BoonerError` of
 * another failure, or with the signal's reason.
 */
export type WatchRollout = (
  id: string,
  options?: WatchRolloutOptions,
) => AsyncGenerator<Rollout, void, undefined>;

export type WatchRolloutDeps = RetryDeps &
  Pick<RolloutRequests, 'readRollout'> & {
    /** Ends the watch with its reason. */
    readonly closed: AbortSignal;
  };

const RETRY_BACKOFF = { minMs: 1000, maxMs: 15_000 };
/** Pause between two reads: a large rollout changes many times a second. */
const PAUSE_MS = 300;

export const createWatchRollout = ({ readRollout, clock, random, closed }: WatchRolloutDeps): WatchRollout =>
  async function* watchRollout(id, { signal, onOutage } = {}) {
    const stop = signal === undefined ? closed : AbortSignal.any([signal, closed]);
    let version: number | undefined;
    let failures = 0;
    for (;;) {
      try {
        const rollout = await readRollout(id, { after: version, signal: stop });
        failures = 0;
        if (rollout.version !== version) yield rollout;
        if (isRolloutSettled(rollout)) return;
        version = rollout.version;
        await wait(PAUSE_MS, clock, stop);
      } catch (error) {
        if (stop.aborted || !(error instanceof BoonerError) || !mayPass(error)) throw error;
        if (failures === 0) onOutage?.(error);
        const delayMs = backoffDelayMs(failures++, RETRY_BACKOFF, random);
        await wait(Math.max(error.retryAfterMs ?? 0, delayMs), clock, stop);
      }
    }
  };
