import type { HistoryRange, TargetHistory } from '@booner/protocol';
import { HISTORY_RANGES_MS } from '@booner/protocol/limits';
import type { SeriesQuery } from '../http/series-requests.ts';
import { createKeyedStores } from '../store/keyed-stores.ts';
import type { Store } from '../store/store.ts';
import {
  followHistory,
  type HistoryScope,
  type HistorySources,
  type HistoryState,
} from './follow-history.ts';
import { followSeries, type SeriesScope, type SeriesSources, type SeriesState } from './follow-series.ts';
import { moveWindow } from './history-rows.ts';
import { createRecentCpu, type RecentCpuSources } from './recent-cpu.ts';
import type { RecentPoints } from './recent-series.ts';

/** Histories kept while unwatched. One of a host with many cores takes most of a megabyte. */
const MAX_RECENT = 5;

export type HistoryPart = {
  /**
   * The last minutes of one host, extended live. The same store for the same host and range. A new
   * range starts with the data that another watched range shows.
   * @param host `null`: the main server
   */
  history(host: string | null, range: HistoryRange): Store<HistoryState>;
  /**
   * CPU use of one target over the last five minutes, one point per sample, by the hub's clock. The
   * same store for the same host. Any number can be watched at once.
   */
  recentCpu(host: string): Store<RecentPoints>;
  /**
   * A range of the history of one host, kept up to date at its end. The same store for the same
   * host and query.
   * @param host `null`: the main server
   */
  series(host: string | null, query: SeriesQuery): Store<SeriesState>;
};

const RANGES = Object.keys(HISTORY_RANGES_MS) as HistoryRange[];

const keyOf = (host: string | null, range: HistoryRange): string => `${range} ${host ?? ''}`;
const scopeOf = (key: string): HistoryScope => {
  const [range = '', host = ''] = key.split(' ');
  return { host: host === '' ? null : host, range: range as HistoryRange };
};

export function createHistoryPart(sources: HistorySources & RecentCpuSources & SeriesSources) {
  const closing = new AbortController();
  const recent = createRecentCpu(sources);
  const stores = createKeyedStores<HistoryState>({
    initial: () => ({ history: null, error: null }),
    onWatched: (key, store) => followHistory(sources, scopeOf(key), store, closing.signal),
    maxRecent: MAX_RECENT,
  });
  const series = createKeyedStores<SeriesState>({
    initial: () => ({ history: null, error: null }),
    onWatched: (key, store) => followSeries(sources, JSON.parse(key) as SeriesScope, store, closing.signal),
    maxRecent: MAX_RECENT,
  });

  function shownOf(host: string | null): TargetHistory | null {
    for (const range of RANGES) {
      const history = stores.watched.get(keyOf(host, range))?.getSnapshot().history;
      if (history) return history;
    }
    return null;
  }
  const part: HistoryPart = {
    recentCpu: recent.recentCpu,
    series(host, { span, metrics, points }) {
      const scope: SeriesScope = { host: host?.toLowerCase() ?? null, query: { span, metrics, points } };
      return series.get(JSON.stringify(scope));
    },
    history(host, range) {
      const id = host?.toLowerCase() ?? null;
      const key = keyOf(id, range);
      const store = stores.get(key);
      const shown = stores.watched.has(key) ? null : shownOf(id);
      if (shown !== null) {
        store.set({ history: moveWindow(shown, shown.toMs, HISTORY_RANGES_MS[range]), error: null });
      }
      return store;
    },
  };
  return {
    part,
    close() {
      closing.abort();
      recent.close();
    },
  };
}
