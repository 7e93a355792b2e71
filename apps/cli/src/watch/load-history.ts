import type { BoonerClient } from '@booner/client';
import { MAX_HISTORY_HOSTS } from '@booner/protocol/limits';

/** Samples kept of each host: as many as the widest sparkline has cells. */
export const HISTORY_CELLS = 24;

/** CPU usage of the last samples by host, oldest first; `null` where a host was silent. */
export type LoadHistory = {
  of(host: string): readonly (number | null)[];
  /** Fills in what was before the watch began, where the hub knows it. */
  load(hosts: readonly string[], signal: AbortSignal): Promise<void>;
};

/** Follows the loads of the fleet from now on. `end` of the result stops that. */
export function followLoads(
  client: Pick<BoonerClient, 'fleet' | 'readFleetHistory'>,
): LoadHistory & { readonly end: () => void } {
  const loads = new Map<string, (number | null)[]>();
  let last = 0;
  const end = client.fleet.subscribe(() => {
    const fleet = client.fleet.getSnapshot();
    if (fleet === null || fleet.sequence === last) return;
    last = fleet.sequence;
    for (const { host, status, cpuUsageRatio } of fleet.targets.values()) {
      const load = loads.get(host) ?? [];
      load.push(status === 'active' ? cpuUsageRatio : null);
      loads.set(host, load.slice(-HISTORY_CELLS));
    }
    for (const host of loads.keys()) if (!fleet.targets.has(host)) loads.delete(host);
  });
  return {
    of: (host) => loads.get(host) ?? [],
    async load(hosts, signal) {
      for (let at = 0; at < hosts.length; at += MAX_HISTORY_HOSTS) {
        const { targets } = await client.readFleetHistory({
          hosts: hosts.slice(at, at + MAX_HISTORY_HOSTS),
          figures: ['cpuUsageRatio'],
          range: '2m',
          signal,
        });
        for (const { host, cpuUsageRatio } of targets) {
          const since = loads.get(host) ?? [];
          const before = cpuUsageRatio.slice(0, Math.max(0, cpuUsageRatio.length - since.length));
          loads.set(host, [...before, ...since].slice(-HISTORY_CELLS));
        }
      }
    },
    end,
  };
}
