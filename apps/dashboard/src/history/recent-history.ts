import type { BoonerClient, Fleet } from '@booner/client';
import type { TargetSummary } from '@booner/protocol';
import { MAX_HISTORY_HOSTS } from '@booner/protocol/limits';
import { createRecentSeries, NO_POINTS, type RecentPoints, type RecentSeries } from './recent-series.ts';

export const RECENT_MS = 5 * 60_000;
/** After so many intervals without a frame, something was missed that the hub may remember. */
const MISSED_INTERVALS = 3;
/** A hub that did not answer is asked again after this. */
const RETRY_AFTER_MS = 30_000;

/** The CPU use of each host in the last minutes, as it was seen here and as the hub remembers it. */
export type RecentHistory = {
  /** Records as long as somebody watches. Calls back after each frame and each answer. */
  subscribe(listener: () => void): () => void;
  /** The same object as long as nothing is new of this host. */
  cpuOf(host: string): RecentPoints;
  /** When the hub sent the last frame, by its clock: the end of what is drawn. */
  toMs(): number;
  /** Asks the hub once for what was before, of those of which it was not asked yet. */
  fill(hosts: readonly string[], signal: AbortSignal): Promise<void>;
};

type Client = Pick<BoonerClient, 'fleet' | 'readFleetHistory' | 'nowMs'>;

export function createRecentHistory(client: Client): RecentHistory {
  const series = new Map<string, RecentSeries>();
  const filled = new Set<string>();
  const listeners = new Set<() => void>();
  let last: Fleet | null = null;
  let retryAtMs = 0;
  let leave: (() => void) | null = null;

  const tell = () => {
    for (const listener of listeners) listener();
  };
  const seriesOf = (host: string): RecentSeries => {
    const known = series.get(host) ?? createRecentSeries(RECENT_MS);
    series.set(host, known);
    return known;
  };
  const record = ({ host, lastSeenAtMs, cpuUsageRatio }: TargetSummary, fromMs: number) => {
    if (lastSeenAtMs === null || lastSeenAtMs < fromMs) return;
    seriesOf(host).add(lastSeenAtMs, cpuUsageRatio);
  };
  const take = () => {
    const fleet = client.fleet.getSnapshot();
    if (fleet === null || fleet === last) return;
    const silentMs = fleet.sentAtMs - (last?.sentAtMs ?? 0);
    // A clock that was set back starts anew, too.
    if (silentMs < 0 || silentMs > MISSED_INTERVALS * fleet.intervalMs) filled.clear();
    if (silentMs < 0) series.clear();
    for (const target of fleet.targets.values()) {
      if (last?.targets.get(target.host) !== target) record(target, fleet.sentAtMs - RECENT_MS);
    }
    for (const host of series.keys()) if (!fleet.targets.has(host)) forget(host);
    last = fleet;
    tell();
  };
  const forget = (host: string) => {
    series.delete(host);
    filled.delete(host);
  };

  return {
    subscribe(listener) {
      listeners.add(listener);
      leave ??= client.fleet.subscribe(take);
      take();
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        leave?.();
        leave = null;
      };
    },
    cpuOf: (host) => series.get(host)?.points() ?? NO_POINTS,
    toMs: () => last?.sentAtMs ?? 0,
    async fill(hosts, signal) {
      if (last === null || client.nowMs() < retryAtMs) return;
      const missing = hosts.filter((host) => !filled.has(host)).slice(0, MAX_HISTORY_HOSTS);
      if (missing.length === 0) return;
      for (const host of missing) filled.add(host);
      try {
        const { targets } = await client.readFleetHistory({
          hosts: missing,
          figures: ['cpuUsageRatio'],
          range: '5m',
          signal,
        });
        for (const { host, times, cpuUsageRatio } of targets) {
          seriesOf(host).fill({ times, values: cpuUsageRatio });
        }
        tell();
      } catch {
        // Sparklines begin empty, then; the connection says what is wrong with the hub.
        for (const host of missing) filled.delete(host);
        if (!signal.aborted) retryAtMs = client.nowMs() + RETRY_AFTER_MS;
      }
    },
  };
}
