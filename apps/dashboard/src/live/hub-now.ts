import type { BoonerClient } from '@booner/client';

/**
 * The time by the hub's clock, as far as this page knows it: that of the last frame, and what passed here since. The clock of the reader's
 * machine may be wrong by minutes, and the times of targets are the hub's.
 */
export function hubNowMs(client: Pick<BoonerClient, 'fleet' | 'connections' | 'nowMs'>): number {
  const { dataAtMs } = client.connections.fleet.getSnapshot();
  const fleet = client.fleet.getSnapshot();
  if (fleet === null || dataAtMs === null) return client.nowMs();
  return fleet.sentAtMs + Math.max(0, client.nowMs() - dataAtMs);
}
