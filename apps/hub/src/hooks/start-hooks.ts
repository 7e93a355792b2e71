import type { HostId, RolloutRequest } from '@booner/protocol';
import type { Logger } from '@booner/service';
import type { Principal } from '../access/principal.ts';
import type { AccessFeature } from '../access/start-access.ts';
import type { Buses } from '../buses/open-buses.ts';
import type { HubConfig } from '../config/config.ts';
import type { Feature } from '../feature/feature.ts';
import type { FleetFeature } from '../fleet/start-fleet.ts';
import { selectHosts } from '../rollouts/plan/select-hosts.ts';
import type { RolloutsFeature } from '../rollouts/start-rollouts.ts';
import type { SealingKey } from '../sealing/sealing-key.ts';
import { findActionIssue } from '../triggers/find-action-issue.ts';
import { ownerStarter } from '../triggers/start-as-owner.ts';
import { createDeliver } from './deliver.ts';
import { hookDeliveryRoutes } from './hook-delivery-routes.ts';
import { createHookLimits } from './hook-limits.ts';
import { hookRoutes } from './hook-routes.ts';
import { createHookSecrets } from './hook-secrets.ts';
import { KnownHooks } from './known-hooks.ts';

export type HooksDeps = {
  readonly buses: Pick<Buses, 'hooks' | 'tasks'>;
  readonly access: Pick<AccessFeature, 'creatorOf' | 'audit'>;
  readonly fleet: Pick<FleetFeature, 'fleet' | 'readableBy'>;
  readonly rollouts: Pick<RolloutsFeature, 'create'>;
  /** Seals the secrets of hooks. */
  readonly sealingKey: SealingKey;
  readonly config: Pick<HubConfig, 'publicUrl'>;
  readonly log: Logger;
};

/** Starts hooks: rollouts that requests from outside begin, each once over all hubs. */
export function startHooks({
  buses: { hooks: bus, tasks },
  access: { audit, creatorOf },
  fleet,
  rollouts,
  sealingKey,
  config: { publicUrl },
  log,
}: HooksDeps): Feature {
  const nowMs = Date.now;
  const select = (request: RolloutRequest, { scopes }: Principal) =>
    selectHosts(fleet.fleet.requireLoaded(), request, fleet.readableBy(scopes));
  const hooks = new KnownHooks(bus);
  const secrets = createHookSecrets(sealingKey);
  const start = ownerStarter({ create: rollouts.create, creatorOf, select });
  return {
    routes: [
      ...hookRoutes({
        ...{ bus, hooks, secrets, select, publicUrl, nowMs },
        findActionIssue: (hosts: readonly HostId[], action) => findActionIssue(tasks, hosts, action),
      }),
      ...hookDeliveryRoutes({
        ...{ hooks, secrets, audit, nowMs },
        limits: createHookLimits(),
        deliver: createDeliver({ bus, start, audit, log, nowMs }),
      }),
    ],
  };
}
