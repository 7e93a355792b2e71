import type { BoonerClient } from '@booner/client';
import { useBoonerClient } from '@booner/react';
import { useCallback, useSyncExternalStore } from 'react';

/** Returns true if the hub has lost Redis, so that its data may be old. */
export function useIsCutOff(): boolean {
  const client = useBoonerClient();
  const subscribe = useCallback(
    (listener: () => void) => {
      const leave = [client.fleet, client.tasks].map((store) => store.subscribe(listener));
      return () => {
        for (const each of leave) each();
      };
    },
    [client],
  );
  return useSyncExternalStore(subscribe, () => isCutOff(client));
}

export const isCutOff = ({ fleet, tasks }: BoonerClient): boolean =>
  fleet.getSnapshot()?.bus === 'disconnected' || tasks.getSnapshot().bus === 'disconnected';
