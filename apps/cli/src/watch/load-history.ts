import type { BoonerClient, RecentPoints, Store } from '@booner/client';
import { SILENT_INTERVALS } from '@booner/protocol/limits';

/** Cells of a sparkline of the last minute: one for each sample at the default interval. */
export const HISTORY_CELLS = 20;
const SPAN_MS = 60_000;

/** CPU use over the last minute by host, in {@link HISTORY_CELLS} equal time spans. */
export type LoadHistory = {
  /** Oldest first; `null` while the host was silent. */
  of(host: string): readonly (number | null)[];
};

/** Follows the CPU use of every target until `end`. */
export function followLoads(
  client: Pick<BoonerClient, 'fleet' | 'recentCpu'>,
): LoadHistory & { readonly end: () => void } {
  const watched = new Map<string, { readonly store: Store<RecentPoints>; readonly leave: () => void }>();
  const watchAll = () => {
    const targets = client.fleet.getSnapshot()?.targets;
    if (targets === undefined) return;
    for (const host of targets.keys()) {
      if (watched.has(host)) continue;
      const store = client.recentCpu(host);
      watched.set(host, { store, leave: store.subscribe(() => undefined) });
    }
    for (const [host, { leave }] of watched) {
      if (targets.has(host)) continue;
      leave();
      watched.delete(host);
    }
  };
  const leaveFleet = client.fleet.subscribe(watchAll);
  watchAll();
  return {
    of(host) {
      const fleet = client.fleet.getSnapshot();
      const points = watched.get(host)?.store.getSnapshot();
      if (fleet === null || points === undefined) return [];
      // The stream delivers only some samples of an agent that is faster than the stream.
      const intervalMs = Math.max(fleet.targets.get(host)?.intervalMs ?? 0, fleet.intervalMs);
      return cellsOf(points, { toMs: fleet.sentAtMs, silentMs: SILENT_INTERVALS * intervalMs });
    },
    end() {
      leaveFleet();
      for (const { leave } of watched.values()) leave();
      watched.clear();
    },
  };
}

/**
 * Returns the last sample before the end of each time span, unless it is older than `silentMs`.
 * Samples that arrive a little early or late leave no gap; silence does.
 */
function cellsOf(
  { times, values }: RecentPoints,
  { toMs, silentMs }: { readonly toMs: number; readonly silentMs: number },
): (number | null)[] {
  let next = 0;
  return Array.from({ length: HISTORY_CELLS }, (_, cell) => {
    const endMs = toMs - ((HISTORY_CELLS - 1 - cell) * SPAN_MS) / HISTORY_CELLS;
    while (next < times.length && times[next]! <= endMs) next++;
    const atMs = times[next - 1];
    return atMs === undefined || endMs - atMs > silentMs ? null : (values[next - 1] ?? null);
  });
}
