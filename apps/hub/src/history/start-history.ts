import { createFailureLog, type Logger } from '@booner/service';
import type { HubConfig } from '../config/config.ts';
import type { Feature } from '../feature/feature.ts';
import type { FleetFeature } from '../fleet/start-fleet.ts';
import { blockRoutes } from './block-routes.ts';
import { fillGaps } from './fill-gaps.ts';
import { createHistoryReader } from './history-reader.ts';
import { historyRoutes } from './history-routes.ts';
import type { HistoryRecorder } from './open-recorder.ts';
import { createPrometheusReader } from './prometheus-reader.ts';

export type HistoryDeps = {
  readonly history: Pick<HistoryRecorder, 'recent' | 'store' | 'gaps'>;
  readonly fleet: Pick<FleetFeature, 'fleet' | 'readableOf' | 'bus'>;
  readonly config: Pick<HubConfig, 'history'>;
  readonly log: Logger;
};

/** Starts the history: what was recorded, out over REST; what was missed, in from the agents. */
export function startHistory({
  history,
  fleet: { fleet, readableOf, bus },
  config,
  log,
}: HistoryDeps): Feature {
  const { recent, store, gaps } = history;
  const { peers, peerToken: token, queryUrl: url, queryAuthorization: authorization } = config.history;
  const nowMs = Date.now;
  const remote = url === null ? null : createPrometheusReader({ url, authorization, nowMs });
  const failures = createFailureLog(log, {
    failing: 'older history cannot be read',
    recovered: 'older history can be read again',
  }).job();
  const reader = createHistoryReader({ local: store, remote, failures });
  let filled = 0;
  const onFilled = (samples: number) => {
    filled += samples;
  };
  return {
    routes: [
      ...historyRoutes({ fleet, readableOf, recent, store: reader, nowMs }),
      ...blockRoutes({ readableOf, store }),
    ],
    metrics: [
      {
        type: 'counter',
        name: 'booner_hub_history_backfilled_samples_total',
        help: 'Samples that this hub missed and received from agents later',
        read: () => filled,
      },
    ],
    run: async ({ signal }) => {
      if (store !== null)
        await fillGaps({ gaps, store, bus, fleet, peers, token, onFilled, log }, { signal });
    },
  };
}
