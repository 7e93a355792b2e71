import { type BoonerClient, BoonerError, createStore } from '@booner/client';
import type { Rollout } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useMemo, useSyncExternalStore } from 'react';
import { type FollowDeps, followRollout, type RolloutState, takeRollout } from './follow-rollout.ts';

const UNREAD: RolloutState = { rollout: null, error: null, isUnknown: false };

const page: FollowDeps['page'] = {
  isHidden: () => document.visibilityState === 'hidden',
  onChange(listener) {
    document.addEventListener('visibilitychange', listener);
    addEventListener('online', listener);
    return () => {
      document.removeEventListener('visibilitychange', listener);
      removeEventListener('online', listener);
    };
  },
};

/** Creates the store of a rollout, which follows it while it is watched. */
function createRolloutStore(id: string, client: Pick<BoonerClient, 'readRollout'>) {
  let watchers = 0;
  let following: AbortController | null = null;
  const store = createStore<RolloutState>(UNREAD, () => {
    watchers += 1;
    if (watchers === 1) {
      following = new AbortController();
      void followRollout(
        {
          read: (options) => client.readRollout(id, options),
          isUnknown: (error) => error instanceof BoonerError && error.code === 'not_found',
          page,
          nowMs: () => performance.now(),
          random: Math.random,
        },
        store,
        following.signal,
      );
    }
    return () => {
      watchers -= 1;
      if (watchers === 0) following?.abort();
    };
  });
  return store;
}

export type FollowedRollout = RolloutState & {
  /** Shows the answer to a request that changed the rollout. */
  readonly onDirected: (rollout: Rollout) => void;
};

/** Returns a rollout, kept up to date while the page is visible. */
export function useRollout(id: string): FollowedRollout {
  const client = useBoonerClient();
  const store = useMemo(() => createRolloutStore(id, client), [id, client]);
  const state = useSyncExternalStore(store.subscribe, store.getSnapshot);
  const onDirected = useMemo(() => (rollout: Rollout) => takeRollout(store, rollout), [store]);
  return { ...state, onDirected };
}
