import { createFailureLog, type Logger } from '@booner/service';
import type { HubConfig } from '../config/config.ts';
import type { Feature } from '../feature/feature.ts';
import type { FleetFeature } from '../fleet/start-fleet.ts';
import { historyBackupRoutes } from './backup-routes.ts';
import { blockRoutes } from './block-routes.ts';
import { historyExportRoutes } from './export-routes.ts';
import { fillGaps } from './fill-gaps.ts';
import { createHistoryReader, type HistoryReader } from './history-reader.ts';
import { historyRoutes } from './history-routes.ts';
import type { HistoryRecorder } from './open-recorder.ts';
import { createPrometheusReader } from './prometheus-reader.ts';
import { historyStatsRoutes } from './stats-routes.ts';
import { watchStore } from './watch-store.ts';

export type HistoryDeps = {
  readonly history: Pick<HistoryRecorder, 'recent' | 'store' | 'gaps'>;
  readonly fleet: Pick<FleetFeature, 'fleet' | 'readableOf' | 'bus'>;
  readonly config: Pick<HubConfig, 'history'>;
  readonly log: Logger;
};

export type HistoryFeature = Feature & {
  /** Reads older history; `null`: none is kept. */
  readonly reader: HistoryReader | null;
};

/** Starts the history: what was recorded, out over REST; what was missed, in from the agents. */
export function startHistory({
  history: { recent, store, gaps },
  fleet: { fleet, readableOf, bus },
  config: { history: config },
  log,
}: HistoryDeps): HistoryFeature {
  const { directory, retention, peers, peerToken: token, queryUrl: url } = config;
  const nowMs = Date.now;
  const remote =
    url === null ? null : createPrometheusReader({ url, authorization: config.queryAuthorization, nowMs });
  const failures = createFailureLog(log, {
    failing: 'older history cannot be read',
    recovered: 'older history can be read again',
  }).job();
  const reader = createHistoryReader({ local: store, remote, failures });
  const watch = store === null ? null : watchStore(store, log);
  const reading = { fleet, readableOf, nowMs };
  const backups = store === null || directory === null ? null : { store, directory };
  let filled = 0;
  const onFilled = (samples: number) => {
    filled += samples;
  };
  return {
    reader,
    warnings: () => watch?.warnings() ?? [],
    routes: [
      ...historyRoutes({ ...reading, recent, store: reader }),
      ...historyStatsRoutes({ readableOf, store }),
      ...historyExportRoutes({ ...reading, store, retention, log }),
      ...historyBackupRoutes({ readableOf, backups, log }),
      ...blockRoutes({ readableOf, store }),
    ],
    metrics: [
      ...(watch?.metrics ?? []),
      {
        type: 'counter',
        name: 'booner_hub_history_backfilled_samples_total',
        help: 'Samples that this hub missed and received from agents later',
        read: () => filled,
      },
    ],
    run: async ({ signal }) => {
      if (store === null) return;
      const gapsFilled = fillGaps({ gaps, store, bus, fleet, peers, token, onFilled, log }, { signal });
      await Promise.all([watch?.run?.({ signal }), gapsFilled]);
    },
  };
}
