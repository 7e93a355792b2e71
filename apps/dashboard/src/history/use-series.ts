import { createStore, type SeriesQuery, type SeriesState } from '@booner/client';
import { useBoonerClient } from '@booner/react';
import { useMemo, useSyncExternalStore } from 'react';

const NOTHING = createStore<SeriesState>({ history: null, error: null });

/**
 * Returns a range of the history of a host, kept up to date.
 * @param host `null`: the main server
 * @param query `null`: nothing is requested
 */
export function useSeries(host: string | null, query: SeriesQuery | null): SeriesState {
  const client = useBoonerClient();
  const key = JSON.stringify(query);
  const store = useMemo(() => {
    const asked = JSON.parse(key) as SeriesQuery | null;
    return asked === null ? NOTHING : client.series(host, asked);
  }, [client, host, key]);
  return useSyncExternalStore(store.subscribe, store.getSnapshot);
}
