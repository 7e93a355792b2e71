import type { ConnectionState } from '../connection/connection-state.ts';
import type { Store } from '../store/store.ts';
import type { Fleet } from './fleet.ts';

export type HubNowSources = {
  readonly fleet: Store<Fleet | null>;
  /** Connection of the fleet's stream. */
  readonly connection: Store<ConnectionState>;
  readonly nowMs: () => number;
};

/**
 * Returns the time by the hub's clock: that of the last frame of the fleet plus what has passed
 * since. Before the first frame it is this machine's own, which may be off by minutes.
 */
export function hubNowMs({ fleet, connection, nowMs }: HubNowSources): number {
  const { dataAtMs } = connection.getSnapshot();
  const frame = fleet.getSnapshot();
  if (frame === null || dataAtMs === null) return nowMs();
  return frame.sentAtMs + Math.max(0, nowMs() - dataAtMs);
}
