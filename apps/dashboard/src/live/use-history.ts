import type { HistoryState } from '@booner/client';
import type { HistoryRange } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useMemo, useSyncExternalStore } from 'react';

/**
 * Returns the last minutes of a host, extended as they pass.
 * @param host `null`: the main server
 */
export function useHistory(host: string | null, range: HistoryRange): HistoryState {
  const client = useBoonerClient();
  const history = useMemo(() => client.history(host, range), [client, host, range]);
  return useSyncExternalStore(history.subscribe, history.getSnapshot);
}
