import type { BoonerClient } from '@booner/client';
import { useBoonerClient, useConnection } from '@booner/react';
import { useIsCutOff } from './use-is-cut-off.ts';

/** An outage during which this page gets no current data. */
export type Outage = {
  readonly of: 'hub' | 'redis';
  /** Its start by the client's `nowMs()`. `null` while unknown. */
  readonly sinceMs: number | null;
};

/** Returns the current outage, if any. `null` also before the first answer of a hub. */
export function useOutage(): Outage | null {
  const client = useBoonerClient();
  const { type, sinceMs } = useConnection();
  const isCutOff = useIsCutOff();
  if (type === 'offline') return { of: 'hub', sinceMs: sinceMs === 0 ? null : sinceMs };
  return isCutOff ? { of: 'redis', sinceMs: lastSampleMs(client) } : null;
}

/** The last sample before the hub lost Redis: hubs do not send the time of the loss. */
function lastSampleMs(client: BoonerClient): number | null {
  let lastMs: number | null = null;
  for (const { lastSeenAtMs } of client.fleet.getSnapshot()?.targets.values() ?? []) {
    if (lastSeenAtMs !== null && (lastMs === null || lastSeenAtMs > lastMs)) lastMs = lastSeenAtMs;
  }
  return lastMs === null ? null : lastMs + client.nowMs() - client.hubNowMs();
}

/** Returns why nothing can be run or cancelled during an outage. */
export const outageDenial = ({ of }: Outage): string =>
  of === 'hub'
    ? 'The hub is unreachable. This is possible again once it answers.'
    : 'The hub cannot reach Redis. This is possible again once it can.';
