import type { Target } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { hubNowMs } from '../fleet/hub-now.ts';
import { useIsStale } from '../shell/use-is-stale.ts';
import { useEachSecond } from '../ui/use-now.ts';

const DEFAULT_INTERVAL_MS = 3000;

/** Whether the figures of a target are older than two of its intervals, or nobody would know if there were new ones. */
export function useIsOld(target: Target | null): boolean {
  const client = useBoonerClient();
  const isStale = useIsStale();
  const isSilent = useEachSecond(() => {
    if (target === null || target.lastSeenAtMs === null) return false;
    const intervalMs = Math.max(target.sample?.intervalMs ?? 0, DEFAULT_INTERVAL_MS);
    return hubNowMs(client) - target.lastSeenAtMs > 2 * intervalMs;
  });
  return isStale || isSilent || target?.status === 'offline';
}
