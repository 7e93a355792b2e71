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

/** Starts of outages of Redis: the estimate of the hub's clock moves, and a start must not. */
const starts = new WeakMap<BoonerClient, { readonly lastMs: number; readonly sinceMs: number }>();

/** The last sample before the hub lost Redis: hubs do not send the time of the loss. */
function lastSampleMs(client: BoonerClient): number | null {
  let lastMs: number | null = null;
  for (const { lastSeenAtMs } of client.fleet.getSnapshot()?.targets.values() ?? []) {
    if (lastSeenAtMs !== null && (lastMs === null || lastSeenAtMs > lastMs)) lastMs = lastSeenAtMs;
  }
  if (lastMs === null) return null;
  const known = starts.get(client);
  if (known?.lastMs === lastMs) return known.sinceMs;
  const sinceMs = lastMs + client.nowMs() - client.hubNowMs();
  starts.set(client, { lastMs, sinceMs });
  return sinceMs;
}

/** Returns why nothing can be run or cancelled during an outage. */
export const outageDenial = ({ of }: Outage): string =>
  of === 'hub'
    ? 'The hub is unreachable. This is possible again once it answers.'
    : 'The hub cannot reach Redis. This is possible again once it can.';
