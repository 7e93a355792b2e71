import type { Target } from '@booner/protocol';
import { DEFAULT_INTERVAL_MS } from '@booner/protocol/limits';
import { useBoonerClient } from '@booner/react';
import { useFleet } from '../live/use-fleet.ts';
import { useIsStale } from '../live/use-is-stale.ts';
import { useEachSecond } from '../ui/use-now.ts';

/**
 * Returns true if a target's metrics are older than two intervals, its own or the stream's, or if
 * new ones could not arrive.
 */
export function useIsOld({ status, sample, lastSeenAtMs }: Target): boolean {
  const client = useBoonerClient();
  const isStale = useIsStale();
  const streamMs = useFleet((fleet) => fleet.intervalMs) ?? DEFAULT_INTERVAL_MS;
  const isSilent = useEachSecond(() => {
    if (lastSeenAtMs === null) return false;
    return client.hubNowMs() - lastSeenAtMs > 2 * Math.max(sample?.intervalMs ?? 0, streamMs);
  });
  return isStale || isSilent || status === 'offline';
}
