import { DEFAULT_INTERVAL_MS } from '@booner/protocol/limits';
import { useBoonerClient } from '@booner/react';
import { useCallback, useSyncExternalStore } from 'react';
import { isCutOff } from './use-is-cut-off.ts';

const CHECK_MS = 1000;

/**
 * Returns true if the hub is unreachable or itself receives no values, or if those on the page are
 * older than two intervals while it connects.
 */
export function useIsStale(): boolean {
  const client = useBoonerClient();
  const subscribe = useCallback(
    (listener: () => void) => {
      const timer = setInterval(listener, CHECK_MS);
      const leave = client.connection.subscribe(listener);
      return () => {
        clearInterval(timer);
        leave();
      };
    },
    [client],
  );
  return useSyncExternalStore(subscribe, () => {
    const { type, dataAtMs } = client.connection.getSnapshot();
    const fleet = client.fleet.getSnapshot();
    if (isCutOff(client)) return true;
    if (type === 'live' || dataAtMs === null) return false;
    if (type === 'offline') return true;
    return client.nowMs() - dataAtMs > 2 * (fleet?.intervalMs ?? DEFAULT_INTERVAL_MS);
  });
}
