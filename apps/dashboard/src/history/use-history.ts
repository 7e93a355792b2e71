import type { HistoryRange, TargetHistory } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useMemo, useRef, useSyncExternalStore } from 'react';
import { createLiveHistory, type HistoryView } from './live-history.ts';

/**
 * The last minutes of a host, read at once and then extended live.
 * @param host `null`: the main server
 */
export function useHistory(host: string | null, range: HistoryRange): HistoryView {
  const client = useBoonerClient();
  const known = useRef<{ host: string | null; history: TargetHistory | null } | null>(null);
  const live = useMemo(() => {
    // Another range of the same host begins with what is on the screen.
    const seed = known.current?.host === host ? known.current.history : null;
    return createLiveHistory({ client, host, range, seed });
  }, [client, host, range]);
  const view = useSyncExternalStore(live.subscribe, live.getSnapshot);
  known.current = { host, history: view.history };
  return view;
}
