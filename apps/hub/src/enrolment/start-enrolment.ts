import type { AccessBus, BusConnection, FleetBus, TaskBus } from '@booner/bus';
import { type RedisConfig, revealRedis } from '@booner/bus/redis/config';
import { startRedisEnroller } from '@booner/bus/redis/enroller';
import { parseRedisUrl } from '@booner/bus/redis/url';
import type { HostId } from '@booner/protocol';
import type { Logger } from '@booner/service';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AuditLog } from '../access/audit-log.ts';
import type { EnrolmentConfig } from '../config/enrolment-config.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { enrolmentRoutes } from './enrolment-routes.ts';
import { createEnrolments, type EnrolmentDeps } from './enrolments.ts';
import { RedisUsers } from './redis-users.ts';

export type HubEnrolmentDeps = {
  readonly config: EnrolmentConfig & {
    readonly redis: RedisConfig | null;
    readonly publicUrl: URL | null;
    readonly authRequired: boolean;
  };
  readonly access: AccessBus;
  readonly isMakerGood: EnrolmentDeps['isMakerGood'];
  readonly audit: Pick<AuditLog, 'record'>;
  readonly bus: FleetBus;
  readonly tasks: TaskBus;
  readonly fleet: Fleet;
  readonly version: string;
  readonly log: Logger;
  /** Transitions of the enroller's connection. */
  readonly onConnection: (connection: BusConnection) => void;
};

/** How hosts come to a hub and go: what it serves for that, and what goes on until the signal of `run` aborts. */
export async function startHubEnrolment({
  config,
  access,
  isMakerGood,
  audit,
  bus,
  tasks,
  fleet,
  version,
  log,
  onConnection,
}: HubEnrolmentDeps) {
  const { redis, publicUrl } = config;
  const enroller =
    config.enroller === null
      ? null
      : await startRedisEnroller({
          redis: revealRedis(config.enroller),
          onConnection,
          onUnsaved: unsaved(log),
        });
  const redisUrl = config.agentRedisUrl ?? redis?.url.reveal() ?? null;
  const database = redisUrl === null ? 0 : parseRedisUrl(redisUrl).database;
  const users = new RedisUsers({
    access,
    enroller,
    accepts: ({ madeWithoutSignIn = false }) => !config.authRequired || !madeWithoutSignIn,
    onDropped: (hosts) => sayDropped(hosts, { audit, log }),
    database,
    log,
  });
  const routes: readonly OpenAPIHono[] = [
    enrolmentRoutes({
      enrolments: redis === null ? null : createEnrolments({ access, bus, tasks, fleet, users, isMakerGood }),
      applies: users.applies,
      redis: redisUrl === null ? null : { url: redisUrl, ca: redis?.ca ?? null },
      publicUrl,
      version,
      log,
    }),
  ];
  return {
    routes,
    run: ({ signal }: { readonly signal: AbortSignal }): Promise<void> => users.run({ signal }),
    [Symbol.asyncDispose]: async () => enroller?.[Symbol.asyncDispose](),
  };
}

/** Reports hosts that were enrolled without a sign-in: anybody may hold their passwords. */
function sayDropped(hosts: readonly HostId[], { audit, log }: Pick<HubEnrolmentDeps, 'audit' | 'log'>): void {
  log.warn(
    { hosts: hosts.slice(0, 100), count: hosts.length },
    'hosts that were enrolled while nobody had to sign in lost what they log in to Redis with: add them again',
  );
  for (const target of hosts) {
    const detail = 'enrolled while nobody had to sign in';
    audit.record({ principal: null, address: '', verb: 'target.drop', target, detail, verdict: 'allowed' });
  }
}

const unsaved =
  (log: Logger) =>
  ({ message }: Error): void =>
    log.warn(
      { reason: message },
      'Redis could not write its file of users: this hub makes them again after a restart of Redis',
    );
