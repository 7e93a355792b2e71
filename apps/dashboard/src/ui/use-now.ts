import { useBoonerClient } from '@booner/react';
import { useCallback, useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | null = null;

/** One timer for all watchers, and none without them. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    for (const each of listeners) each();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
}

/**
 * Returns a value derived from the current time. The component renders again only in the seconds in
 * which it changes.
 */
export function useEachSecond<T extends string | number | boolean | null>(of: (nowMs: number) => T): T {
  const client = useBoonerClient();
  return useSyncExternalStore(subscribe, () => of(client.nowMs()));
}

/**
 * Returns Unix milliseconds by the client's steady clock, in whole seconds. The component renders
 * again once a second.
 */
export function useNow(): number {
  const client = useBoonerClient();
  const second = useCallback(() => Math.floor(client.nowMs() / 1000), [client]);
  return useSyncExternalStore(subscribe, second) * 1000;
}
