import type { HostId, RolloutHead } from '@booner/protocol';
import type { Logger } from '@booner/service';
import type { Principal } from '../access/principal.ts';
import type { AccessFeature } from '../access/start-access.ts';
import type { AlertsFeature } from '../alerts/start-alerts.ts';
import type { Buses } from '../buses/open-buses.ts';
import type { Feature } from '../feature/feature.ts';
import type { FleetFeature } from '../fleet/start-fleet.ts';
import { selectHosts } from '../rollouts/plan/select-hosts.ts';
import type { RolloutsFeature } from '../rollouts/start-rollouts.ts';
import { findActionIssue } from '../triggers/find-action-issue.ts';
import { ownerStarter } from '../triggers/start-as-owner.ts';
import { ScheduleDriver } from './drive-schedules.ts';
import { scheduleRoutes } from './schedule-routes.ts';

export type SchedulesDeps = {
  readonly buses: Pick<Buses, 'schedules' | 'rollouts' | 'tasks' | 'leases'>;
  readonly access: Pick<AccessFeature, 'creatorOf'>;
  readonly fleet: Pick<FleetFeature, 'fleet' | 'readableBy'>;
  readonly rollouts: Pick<RolloutsFeature, 'create'>;
  readonly alerts: Pick<AlertsFeature, 'isQuietAt'>;
  readonly log: Logger;
};

/** Starts schedules: rollouts that begin by the clock, each once over all hubs. */
export function startSchedules({ buses, access, fleet, rollouts, alerts, log }: SchedulesDeps): Feature {
  const { schedules: bus, rollouts: rolloutBus, tasks, leases } = buses;
  const select = (request: RolloutHead['request'], { scopes }: Principal) =>
    selectHosts(fleet.fleet.requireLoaded(), request, fleet.readableBy(scopes));
  const driver = new ScheduleDriver({
    ...{ bus, rollouts: rolloutBus, leases, log },
    start: ownerStarter({ create: rollouts.create, creatorOf: access.creatorOf, select }),
    isQuietAt: alerts.isQuietAt,
  });
  return {
    routes: scheduleRoutes({
      ...{ bus, select },
      findActionIssue: (hosts: readonly HostId[], action) => findActionIssue(tasks, hosts, action),
    }),
    run: (options) => driver.run(options),
  };
}
