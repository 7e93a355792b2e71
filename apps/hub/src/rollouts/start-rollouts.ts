import type { HostId } from '@booner/protocol';
import type { Logger } from '@booner/service';
import type { AccessFeature } from '../access/start-access.ts';
import type { AlertsFeature } from '../alerts/start-alerts.ts';
import type { Buses } from '../buses/open-buses.ts';
import type { Feature } from '../feature/feature.ts';
import type { FleetFeature } from '../fleet/start-fleet.ts';
import type { TasksFeature } from '../tasks/start-tasks.ts';
import { createAwaitVersion } from './await-version.ts';
import { type CreateRollout, rolloutCreator } from './create-rollout.ts';
import { RolloutDriver } from './drive/drive-rollouts.ts';
import { rolloutRoutes } from './rollout-routes.ts';
import { rolloutSteering } from './steer-rollout.ts';

export type RolloutsDeps = {
  readonly buses: Pick<Buses, 'rollouts' | 'tasks' | 'secrets' | 'leases'>;
  readonly access: Pick<AccessFeature, 'creatorOf'>;
  readonly fleet: Pick<FleetFeature, 'fleet' | 'readableOf'>;
  readonly tasks: Pick<TasksFeature, 'board' | 'create' | 'onEnded'>;
  readonly alerts: Pick<AlertsFeature, 'countFiring'>;
  readonly log: Logger;
};

export type RolloutsFeature = Feature & {
  /** Creates rollouts: the only way to do so. */
  readonly create: CreateRollout;
};

/** Starts rollouts: one action on many targets, in batches, moved on by one hub at a time. */
export function startRollouts({ buses, access, fleet, tasks, alerts, log }: RolloutsDeps): RolloutsFeature {
  const { rollouts: bus, tasks: taskBus, secrets, leases } = buses;
  const nowMs = Date.now;
  const driver = new RolloutDriver({
    ...{ bus, leases, tasks: taskBus, board: tasks.board, create: tasks.create, log },
    isTarget: (host: HostId) => fleet.fleet.requireLoaded().get(host) !== null,
    countFiring: alerts.countFiring,
    creatorOf: access.creatorOf,
  });
  const wake = () => driver.wake();
  const planning = { tasks: taskBus, secrets };
  const create = rolloutCreator({ ...planning, bus, onCreated: wake, nowMs });
  return {
    create,
    routes: rolloutRoutes({
      ...{ ...planning, bus, fleet: fleet.fleet, readableOf: fleet.readableOf },
      create,
      steer: rolloutSteering({ bus, onSteered: wake, nowMs }),
      awaitVersion: createAwaitVersion(bus),
    }),
    run: (options) => driver.run(options),
  };
}
