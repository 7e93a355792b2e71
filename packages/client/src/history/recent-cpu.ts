import type { TargetSummary } from '@booner/protocol';
import { HISTORY_RANGES_MS, MAX_HISTORY_HOSTS } from '@booner/protocol/limits';
import { BoonerError } from '../http/booner-error.ts';
import type { HistoryRequests } from '../http/history-requests.ts';
import type { Fleet } from '../status/fleet.ts';
import { createKeyedStores } from '../store/keyed-stores.ts';
import type { Store } from '../store/store.ts';
import type { Clock } from '../time/clock.ts';
import { createRecentSeries, NO_POINTS, type RecentPoints, type RecentSeries } from './recent-series.ts';

const RANGE = '5m';
const SPAN_MS = HISTORY_RANGES_MS[RANGE];
/** After this many intervals without a frame, the hub may have samples that were missed. */
const MISSED_INTERVALS = 3;
/**
 * Delay between watching a host and reading its past, so that scrolling reads only hosts that stay
 * in sight.
 */
const SETTLE_MS = 150;
/** Delay after a failed read. */
const RETRY_AFTER_MS = 30_000;

export type RecentCpuSources = Pick<HistoryRequests, 'readFleetHistory'> & {
  readonly fleet: Store<Fleet | null>;
  readonly nowMs: () => number;
  readonly clock: Clock;
};

/**
 * Creates one store per host with its CPU use over the last five minutes. While any store is
 * watched, the samples of all targets are recorded, each once, however many frames carry it.
 * Earlier samples of the watched hosts are read from the hub.
 */
export function createRecentCpu({ readFleetHistory, fleet, nowMs, clock }: RecentCpuSources) {
  const series = new Map<string, RecentSeries>();
  /** Hosts whose past was requested. */
  const filled = new Set<string>();
  let last: Fleet | null = null;
  let leave: (() => void) | null = null;
  let cancelRead: (() => void) | null = null;
  let reading: AbortController | null = null;
  let retryAtMs = Number.NEGATIVE_INFINITY;
  let isClosed = false;

  const pointsOf = (host: string) => series.get(host)?.points() ?? NO_POINTS;
  const stores = createKeyedStores<RecentPoints>({
    initial: pointsOf,
    onWatched(host, store) {
      if (isClosed) return () => undefined;
      leave ??= fleet.subscribe(take);
      take();
      store.set(pointsOf(host));
      planRead();
      return () => {
        if (stores.watched.size === 0) stop();
      };
    },
  });

  function stop(): void {
    leave?.();
    leave = null;
    cancelRead?.();
    cancelRead = null;
    reading?.abort();
  }
  function seriesOf(host: string): RecentSeries {
    const known = series.get(host) ?? createRecentSeries(SPAN_MS);
    series.set(host, known);
    return known;
  }
  function record({ host, lastSeenAtMs, cpuUsageRatio }: TargetSummary, fromMs: number): void {
    if (lastSeenAtMs === null || lastSeenAtMs < fromMs) return;
    seriesOf(host).add(lastSeenAtMs, cpuUsageRatio);
  }
  function forget(host: string): void {
    series.delete(host);
    filled.delete(host);
  }
  function publish(): void {
    for (const [host, store] of stores.watched) store.set(pointsOf(host));
  }

  function take(): void {
    const frame = fleet.getSnapshot();
    if (frame === null || frame === last) return;
    const silentMs = frame.sentAtMs - (last?.sentAtMs ?? 0);
    // A clock that was set back also starts over.
    if (silentMs < 0 || silentMs > MISSED_INTERVALS * frame.intervalMs) filled.clear();
    if (silentMs < 0) series.clear();
    for (const target of frame.targets.values()) {
      if (last?.targets.get(target.host) !== target) record(target, frame.sentAtMs - SPAN_MS);
    }
    for (const host of series.keys()) if (!frame.targets.has(host)) forget(host);
    last = frame;
    publish();
    planRead();
  }

  const unread = () => [...stores.watched.keys()].filter((host) => !filled.has(host));

  function planRead(): void {
    if (isClosed || last === null || reading !== null || unread().length === 0) return;
    cancelRead?.();
    cancelRead = clock.after(Math.max(SETTLE_MS, retryAtMs - nowMs()), () => {
      cancelRead = null;
      void read(unread().slice(0, MAX_HISTORY_HOSTS));
    });
  }

  async function read(hosts: readonly string[]): Promise<void> {
    if (hosts.length === 0) return;
    const own = new AbortController();
    reading = own;
    for (const host of hosts) filled.add(host);
    try {
      const { targets } = await readFleetHistory({
        hosts,
        figures: ['cpuUsageRatio'],
        range: RANGE,
        signal: own.signal,
      });
      for (const { host, times, cpuUsageRatio } of targets) {
        seriesOf(host).fill({ times, values: cpuUsageRatio });
      }
      publish();
    } catch (error) {
      for (const host of hosts) filled.delete(host);
      if (own.signal.aborted) return;
      if (!(error instanceof BoonerError)) throw error;
      // The charts start empty. `connection` explains the problem with the hub.
      retryAtMs = nowMs() + RETRY_AFTER_MS;
    } finally {
      reading = null;
      if (stores.watched.size > 0) planRead();
    }
  }
  return {
    recentCpu: (host: string): Store<RecentPoints> => stores.get(host.toLowerCase()),
    close() {
      isClosed = true;
      stop();
    },
  };
}
