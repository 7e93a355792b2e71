import { hostname } from 'node:os';
import type { FleetListener } from '@booner/bus';
import { startRedisAccess } from '@booner/bus/redis/access';
import { startRedisAlerts } from '@booner/bus/redis/alerts';
import { type RedisConfig, revealRedis } from '@booner/bus/redis/config';
import { type RedisEnroller, startRedisEnroller } from '@booner/bus/redis/enroller';
import { startRedisFleet } from '@booner/bus/redis/fleet';
import { startRedisHooks } from '@booner/bus/redis/hooks';
import { startRedisLeases } from '@booner/bus/redis/leases';
import { createOutageLog, type LogConnection } from '@booner/bus/redis/outage-log';
import { startRedisOutbox } from '@booner/bus/redis/outbox';
import { startRedisRollouts } from '@booner/bus/redis/rollouts';
import { startRedisSchedules } from '@booner/bus/redis/schedules';
import { startRedisSecrets } from '@booner/bus/redis/secrets';
import { shareCommands } from '@booner/bus/redis/share-commands';
import { startRedisTasks } from '@booner/bus/redis/tasks';
import { newInstanceId } from '@booner/protocol';
import type { Logger } from '@booner/service';
import { logRejections } from './log-rejections.ts';
import type { Buses } from './open-buses.ts';

export type RedisBusesDeps = {
  readonly redis: RedisConfig;
  /** Login of the user that manages Redis users; `null`: hosts share one user. */
  readonly enroller: RedisConfig | null;
  /** Interval of the status stream. */
  readonly intervalMs: number;
  readonly log: Logger;
};

/**
 * Opens buses in Redis. An outage is logged once for all their connections.
 * @throws BusError for bad Redis settings
 */
export async function openRedisBuses({
  redis: config,
  enroller,
  intervalMs,
  log,
}: RedisBusesDeps): Promise<Buses> {
  const redis = revealRedis(config);
  // The fleet's listener counts what is rejected on any of the buses.
  let reportRejection: FleetListener['onRejected'] = logRejections(log);
  const onRejected: FleetListener['onRejected'] = (rejection) => reportRejection(rejection);
  const logConnection = createOutageLog({
    log,
    url: redis.url,
    meanwhile: 'clients keep the last data until it is back',
  });
  const hub = `${hostname()}-${newInstanceId()}`;
  await using opening = new AsyncDisposableStack();
  const leases = opening.use(await startRedisLeases({ redis, hub, onConnection: logConnection() }));
  const tasks = opening.use(await startRedisTasks({ redis, hub, onConnection: logConnection(), onRejected }));
  const commands = shareCommands(redis, 'booner-hub-commands');
  const shared = () => ({ commands, onConnection: logConnection(), onRejected });
  const access = opening.use(startRedisAccess(shared()));
  const alerts = opening.use(await startRedisAlerts({ redis, ...shared() }));
  const outbox = opening.use(await startRedisOutbox({ redis, hub, ...shared() }));
  const rollouts = opening.use(startRedisRollouts(shared()));
  const schedules = opening.use(startRedisSchedules(shared()));
  const hooks = opening.use(startRedisHooks(shared()));
  const secrets = opening.use(startRedisSecrets(shared()));
  const users =
    enroller === null
      ? null
      : opening.use(await startEnroller(enroller, { onConnection: logConnection(), log }));
  const stack = opening.move();
  return {
    startFleet: (listener) => {
      reportRejection = (rejection) => listener.onRejected(rejection);
      const logFleet = logConnection();
      const onConnection: LogConnection = (connection) => {
        listener.onConnection(connection);
        logFleet(connection);
      };
      return startRedisFleet({ redis, listener: { ...listener, onConnection }, intervalMs });
    },
    tasks,
    access,
    leases,
    alerts,
    outbox,
    rollouts,
    schedules,
    hooks,
    secrets,
    enroller: users,
    createLocalAgent: () => null,
    startLocalRunner: async () => new AsyncDisposableStack(),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function startEnroller(
  login: RedisConfig,
  { onConnection, log }: { readonly onConnection: LogConnection; readonly log: Logger },
): Promise<RedisEnroller> {
  const onUnsaved = ({ message }: Error) =>
    log.warn(
      { reason: message },
      'Redis could not save its users to its aclfile: this hub recreates them when Redis restarts',
    );
  return startRedisEnroller({ redis: revealRedis(login), onConnection, onUnsaved });
}
