import type { Feature } from '../feature/feature.ts';
import type { FleetFeature } from '../fleet/start-fleet.ts';
import { historyRoutes } from './history-routes.ts';
import type { HistoryRecorder } from './open-recorder.ts';

export type HistoryDeps = {
  readonly history: Pick<HistoryRecorder, 'recent' | 'store'>;
  readonly fleet: Pick<FleetFeature, 'fleet' | 'readableOf'>;
};

/** Starts the history: what was recorded, out over REST. */
export function startHistory({
  history: { recent, store },
  fleet: { fleet, readableOf },
}: HistoryDeps): Feature {
  return { routes: historyRoutes({ fleet, readableOf, recent, store, nowMs: Date.now }) };
}
