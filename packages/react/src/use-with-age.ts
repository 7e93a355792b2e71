import type { ConnectionState } from '@booner/client';
import { useMemo, useState, useSyncExternalStore } from 'react';
import { useGetClient } from './booner-provider.ts';
import { createTrackedSeconds } from './seconds.ts';
import type { SelectStore } from './use-store.ts';

export type WithAge<View> = View & {
  /**
   * Milliseconds since the data was last known to be current. `null` before the first data. A
   * component that reads this renders every second; others do not.
   */
  readonly ageMs: number | null;
};

const ON_SERVER = () => null;

/** Adds the age of the data of a connection. */
export function useWithAge<View extends object>(
  view: View,
  connectionOf: SelectStore<ConnectionState>,
): WithAge<View> {
  const getClient = useGetClient();
  const [seconds] = useState(createTrackedSeconds);
  const second = useSyncExternalStore<number | null>(seconds.subscribe, seconds.getSnapshot, ON_SERVER);
  return useMemo(
    () => ({
      ...view,
      get ageMs() {
        seconds.track();
        if (second === null) return null;
        const client = getClient();
        const { dataAtMs } = connectionOf(client).getSnapshot();
        return dataAtMs === null ? null : Math.max(0, client.nowMs() - dataAtMs);
      },
    }),
    [view, seconds, second, getClient, connectionOf],
  );
}
