import type { Rollout } from '@booner/protocol';
import { backoffDelayMs } from '@booner/protocol/backoff';
import { shareHosts } from './share-hosts.ts';

/** Versions that follow each other faster are skipped. */
export const MIN_INTERVAL_MS = 250;
const BACKOFF = { minMs: 500, maxMs: 15_000 };

export type RolloutState = {
  /** Latest version that was read; `null`: none yet. */
  readonly rollout: Rollout | null;
  /** Why the last attempt to read a newer one failed; `null`: it did not. */
  readonly error: Error | null;
  /** The hub does not know it, or the user may not see any of its hosts. */
  readonly isUnknown: boolean;
};

export type FollowDeps = {
  /** Reads a rollout. With `after`, it waits for a newer version than that, but not for ever. */
  readonly read: (options: {
    readonly after: number | undefined;
    readonly signal: AbortSignal;
  }) => Promise<Rollout>;
  /** Returns true if nobody can read it again by trying once more. */
  readonly isUnknown: (error: Error) => boolean;
  readonly page: {
    isHidden(): boolean;
    /** Calls back when the page is shown or hidden, or the network changes. */
    onChange(listener: () => void): () => void;
  };
  readonly nowMs: () => number;
  readonly random: () => number;
};

export type RolloutStore = {
  getSnapshot(): RolloutState;
  set(state: RolloutState): void;
};

/** Shows a version, unless a newer one is known: answers may arrive out of order. */
export function takeRollout(store: RolloutStore, next: Rollout): void {
  const { rollout } = store.getSnapshot();
  const isNewer = rollout === null || next.version > rollout.version;
  store.set({ rollout: isNewer ? shareHosts(rollout, next) : rollout, error: null, isUnknown: false });
}

/**
 * Reads each newer version of a rollout until the signal aborts. Stops while the page is hidden,
 * and backs off while the hub does not answer.
 */
export async function followRollout(
  deps: FollowDeps,
  store: RolloutStore,
  signal: AbortSignal,
): Promise<void> {
  const { read, isUnknown, page, nowMs, random } = deps;
  let failures = 0;
  while (!signal.aborted) {
    if (page.isHidden()) {
      await pause(Number.POSITIVE_INFINITY, page, signal);
      continue;
    }
    const asked = new AbortController();
    const stop = () => asked.abort();
    signal.addEventListener('abort', stop);
    const leave = page.onChange(() => page.isHidden() && stop());
    const startedAtMs = nowMs();
    let delayMs = 0;
    try {
      const after = store.getSnapshot().rollout?.version;
      takeRollout(store, await read({ after, signal: asked.signal }));
      failures = 0;
      delayMs = startedAtMs + MIN_INTERVAL_MS - nowMs();
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error(String(cause));
      if (!asked.signal.aborted) {
        store.set({ ...store.getSnapshot(), error, isUnknown: isUnknown(error) });
        delayMs = MIN_INTERVAL_MS + backoffDelayMs(failures, BACKOFF, random);
        failures += 1;
      }
    } finally {
      leave();
      signal.removeEventListener('abort', stop);
    }
    if (delayMs > 0) await pause(delayMs, failures === 0 ? null : page, signal);
  }
}

/** Waits for a time, for a change of the page, or for the signal. */
function pause(ms: number, page: FollowDeps['page'] | null, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      leave?.();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = Number.isFinite(ms) ? setTimeout(end, ms) : undefined;
    const leave = page?.onChange(end);
    signal.addEventListener('abort', end);
  });
}
