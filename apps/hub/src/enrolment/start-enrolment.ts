import { parseRedisUrl } from '@booner/bus/redis/url';
import type { HostId } from '@booner/protocol';
import type { Logger } from '@booner/service';
import type { AuditLog } from '../access/audit-log.ts';
import type { AccessFeature } from '../access/start-access.ts';
import type { Buses } from '../buses/open-buses.ts';
import type { HubConfig } from '../config/config.ts';
import type { Feature } from '../feature/feature.ts';
import type { FleetFeature } from '../fleet/start-fleet.ts';
import type { ReadInstaller } from '../site/installer.ts';
import { enrolmentRoutes } from './enrolment-routes.ts';
import { createEnrolments } from './enrolments.ts';
import { RedisUsers } from './redis-users.ts';

export type EnrolmentFeatureDeps = {
  readonly config: Pick<
    HubConfig,
    'redis' | 'agentRedisUrl' | 'hostsReachRedis' | 'publicUrl' | 'authRequired'
  >;
  readonly buses: Pick<Buses, 'access' | 'tasks' | 'secrets' | 'enroller'>;
  readonly access: Pick<AccessFeature, 'audit' | 'isCreatorActive'>;
  readonly fleet: Pick<FleetFeature, 'bus' | 'fleet' | 'readableOf'>;
  readonly installer: ReadInstaller;
  readonly version: string;
  readonly log: Logger;
};

/** Starts enrolment: adding and removing hosts, and their Redis users. */
export function startEnrolment(
  {
    config,
    buses,
    access: { audit, isCreatorActive },
    fleet: { bus, fleet, readableOf },
    installer,
    version,
    log,
  }: EnrolmentFeatureDeps,
  { signal }: { readonly signal: AbortSignal },
): Feature {
  const { access, tasks, secrets, enroller } = buses;
  const { redis, publicUrl } = config;
  const redisUrl = config.agentRedisUrl ?? redis?.url.reveal() ?? null;
  const users = new RedisUsers({
    access,
    enroller,
    accepts: ({ madeWithoutSignIn = false }) => !config.authRequired || !madeWithoutSignIn,
    quarantined: () => (fleet.isLoaded ? fleet.quarantined() : null),
    onRemoved: (hosts) => reportRemoved(hosts, { audit, log }),
    database: redisUrl === null ? 0 : parseRedisUrl(redisUrl).database,
    log,
  });
  return {
    routes: [
      ...enrolmentRoutes({
        enrolments:
          redis === null
            ? null
            : createEnrolments({ access, bus, tasks, secrets, fleet, users, isCreatorActive, signal }),
        readableOf,
        applies: users.applies,
        redis: redisUrl === null ? null : { url: redisUrl, ca: redis?.ca ?? null },
        hostsReachRedis: config.hostsReachRedis,
        publicUrl,
        installer,
        version,
      }),
    ],
    run: ({ signal }) => users.run({ signal }),
  };
}

/** Reports hosts that were enrolled without sign-in: anyone may hold their passwords. */
function reportRemoved(
  hosts: readonly HostId[],
  { audit, log }: { readonly audit: Pick<AuditLog, 'record'>; readonly log: Logger },
): void {
  log.warn(
    { hosts: hosts.slice(0, 100), count: hosts.length },
    'the Redis users of hosts that were enrolled while sign-in was not required were removed: add these hosts again',
  );
  for (const target of hosts) {
    const detail = 'enrolled while sign-in was not required';
    audit.record({ principal: null, address: '', verb: 'target.drop', target, detail, verdict: 'allowed' });
  }
}
