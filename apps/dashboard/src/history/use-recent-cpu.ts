import type { BoonerClient } from '@booner/client';
import { useBoonerClient } from '@booner/react';
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { createRecentHistory, type RecentHistory } from './recent-history.ts';
import type { RecentPoints } from './recent-series.ts';

/** Scrolling asks for those who stay in sight. */
const SETTLE_MS = 150;

const histories = new WeakMap<BoonerClient, RecentHistory>();

function useRecentHistory(): RecentHistory {
  const client = useBoonerClient();
  const history = histories.get(client) ?? createRecentHistory(client);
  histories.set(client, history);
  return history;
}

/** CPU use of one host in the last five minutes, and where they end. Drawn again with each frame of the hub. */
export function useRecentCpu(host: string): { readonly points: RecentPoints; readonly toMs: number } {
  const history = useRecentHistory();
  const points = useSyncExternalStore(history.subscribe, () => history.cpuOf(host));
  const toMs = useSyncExternalStore(history.subscribe, history.toMs);
  return { points, toMs };
}

/** Reads the past of the hosts in sight, once. @param hosts with commas between, so that the same hosts are the same value */
export function useRecentPast(hosts: string): void {
  const history = useRecentHistory();
  const frame = useSyncExternalStore(history.subscribe, history.toMs);
  const gone = useRef<AbortController | null>(null);
  // Not ended by the next frame: an answer that takes longer than the time between two would never come.
  useEffect(() => {
    const own = new AbortController();
    gone.current = own;
    return () => own.abort();
  }, []);
  useEffect(() => {
    const { current } = gone;
    if (hosts === '' || frame === 0 || current === null) return;
    const timer = setTimeout(() => void history.fill(hosts.split(','), current.signal), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [history, hosts, frame]);
}
