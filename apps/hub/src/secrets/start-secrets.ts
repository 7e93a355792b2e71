import type { Buses } from '../buses/open-buses.ts';
import type { Feature } from '../feature/feature.ts';
import type { FleetFeature } from '../fleet/start-fleet.ts';
import { secretRoutes } from './secret-routes.ts';

export type SecretsDeps = {
  readonly buses: Pick<Buses, 'secrets' | 'tasks'>;
  readonly fleet: Pick<FleetFeature, 'fleet' | 'readableOf'>;
};

/** Starts secrets: named texts that only runners can open, for their actions. */
export const startSecrets = ({ buses, fleet: { fleet, readableOf } }: SecretsDeps): Feature => ({
  routes: secretRoutes({
    ...{ bus: buses.secrets, tasks: buses.tasks, fleet, readableOf },
    nowMs: Date.now,
  }),
});
