import { type BoonerClient, BoonerError, createStore, type RecentPoints, type Store } from '@booner/client';
import type { RankedMetric } from '@booner/protocol/history-metrics';
import { MAX_COMPARED } from './compare-search.ts';

/** Scrolling reads only hosts that stay in sight. */
const SETTLE_MS = 200;
const FRESH_MS = 5 * 60_000;
const RETRY_AFTER_MS = 30_000;
const POINTS = 96;

export type DayPoints = RecentPoints & {
  readonly fromMs: number;
  readonly toMs: number;
  /** Time between two points. */
  readonly stepMs: number;
};

type Sources = Pick<BoonerClient, 'compareSeries' | 'nowMs'> & {
  /** Nothing is read for a hidden page. */
  readonly isHidden: () => boolean;
};

/**
 * One metric of many targets over the last 24 hours. Those that are watched are read, a few at a
 * time, and read again when they are old.
 */
export function createDaySeries({ compareSeries, nowMs, isHidden }: Sources, metric: RankedMetric) {
  const stores = new Map<string, ReturnType<typeof makeStore>>();
  const watched = new Map<string, number>();
  const readAtMs = new Map<string, number>();
  let timer: ReturnType<typeof setTimeout> | null = null;
  let isReading = false;

  const makeStore = (host: string) =>
    createStore<DayPoints | null>(null, () => {
      watched.set(host, (watched.get(host) ?? 0) + 1);
      plan(SETTLE_MS);
      return () => {
        const left = (watched.get(host) ?? 1) - 1;
        if (left > 0) watched.set(host, left);
        else watched.delete(host);
      };
    });

  const isDue = (host: string) => (readAtMs.get(host) ?? Number.NEGATIVE_INFINITY) + FRESH_MS <= nowMs();

  function plan(delayMs: number): void {
    if (isReading || timer !== null || watched.size === 0) return;
    timer = setTimeout(() => {
      timer = null;
      void read([...watched.keys()].filter(isDue).slice(0, MAX_COMPARED));
    }, delayMs);
  }

  async function read(hosts: readonly string[]): Promise<void> {
    if (hosts.length === 0 || isHidden()) {
      plan(RETRY_AFTER_MS); // until the oldest is due, or the page is shown
      return;
    }
    isReading = true;
    let nextMs = 0;
    try {
      const query = { span: { range: '24h' }, metrics: [metric], points: POINTS };
      const { targets } = await compareSeries(hosts, query);
      for (const host of hosts) readAtMs.set(host, nowMs());
      for (const { host, timesMs, series, fromMs, toMs, stepMs } of targets) {
        const values = series[0]?.avg ?? [];
        const points = { times: timesMs, values, fromMs, toMs, stepMs: stepMs ?? 0 };
        stores.get(host ?? '')?.set(points);
      }
    } catch (error) {
      if (!(error instanceof BoonerError)) throw error;
      nextMs = RETRY_AFTER_MS; // the cells stay empty; other parts of the page say why
    } finally {
      isReading = false;
      plan(nextMs);
    }
  }

  return {
    of(host: string): Store<DayPoints | null> {
      const store = stores.get(host) ?? makeStore(host);
      stores.set(host, store);
      return store;
    },
  };
}
