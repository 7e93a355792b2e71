import { join } from 'node:path';
import type { BusConnection } from '@booner/bus';
import { revealRedis } from '@booner/bus/redis/config';
import { openHostPasswords } from '@booner/bus/redis/host-passwords';
import { createOutageLog } from '@booner/bus/redis/outage-log';
import { findOwnHost } from '@booner/bus/redis/own-host';
import { startRedisRunner } from '@booner/bus/redis/runner';
import type { HostId } from '@booner/protocol';
import {
  connectToLauncher,
  DEFAULT_RUN_POLICY,
  findLauncher,
  type Runner,
  RunnerError,
  type StartRunnerOptions,
  startRunner,
} from '@booner/runner';
import { aborted, StartError } from '@booner/service';
import { releaseMemory } from '@booner/service/release-memory';
import type { DaemonContext } from '@booner/service/run-daemon';
import type { RunnerConfig } from './config.ts';

/** Maximum number of runners of one host that run from one clone. */
const MAX_RUNNERS_OF_HOST = 10;

/**
 * Runs the tasks of this host until the signal aborts, then lets those finish that may.
 * @throws StartError if the state directory cannot be used, or the launcher is lost. The next start
 * then ends what is left of the tasks and reports them.
 */
export async function runTasks(
  context: DaemonContext<RunnerConfig>,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const lost = Promise.withResolvers<never>();
  try {
    await Promise.race([runUntilStopped(context, { signal, onLost: lost.reject }), lost.promise]);
  } catch (error) {
    throw error instanceof RunnerError ? new StartError(error.message, { cause: error }) : error;
  }
}

async function runUntilStopped(
  { config, version, logger, manager }: DaemonContext<RunnerConfig>,
  { signal, onLost }: { signal: AbortSignal; onLost: (error: RunnerError) => void },
): Promise<void> {
  manager.status('waiting for Redis');
  if (config.hostId === null) manager.ready(); // an unreachable Redis does not justify a restart
  const host = config.hostId ?? (await findOwnHost(config.redis, logger, signal));
  if (host === null) return;
  const { actionsDirectory, actionsTrusted, stateDirectory, runsDirectory, launcherSocket, concurrency } =
    config;
  const logConnection = createOutageLog({
    log: logger,
    url: config.redis.url.reveal(),
    meanwhile: 'runs continue, and their outcomes are kept until it is back',
  })();
  const runner = await startWithState(
    stateDirectory,
    {
      host,
      actionsDirectory,
      trusted: actionsTrusted,
      runsDirectory,
      concurrency,
      version,
      logger,
      ...(launcherSocket === null
        ? { policy: { ...DEFAULT_RUN_POLICY, launcher: await findLauncher(logger) } }
        : {
            policy: DEFAULT_RUN_POLICY,
            openActions: () => connectToLauncher({ path: launcherSocket, onLost }),
          }),
      // Outlives the signal: the ends of the tasks are reported through it.
      startBus: async (instance, listener) =>
        startRedisRunner({
          redis: revealRedis(config.redis),
          host,
          passwords: await openHostPasswords({
            redis: config.redis,
            directory: typeof stateDirectory === 'string' ? stateDirectory : null,
            logger,
          }),
          instance,
          listener: {
            ...listener,
            onConnection: (connection) => {
              manager.status(statusOf(connection, host));
              logConnection(connection);
              listener.onConnection(connection);
            },
          },
          onRejected: ({ detail }) =>
            logger.warn({ reason: detail }, 'ignored an unreadable message from a hub'),
          onRefused: (error) => logger.warn({ reason: error.message }, 'Redis refused a write'),
        }),
    },
    signal,
  );
  manager.ready();
  releaseMemory();
  await aborted(signal);
  logger.info('stopping: no new tasks are started');
  await runner[Symbol.asyncDispose]();
  logger.info('runner stopped');
}

/**
 * Starts a runner with a state directory of its own: several runners may run from one clone, for
 * one host or for several. A later start takes the first free directory.
 */
async function startWithState(
  stateDirectory: RunnerConfig['stateDirectory'],
  options: Omit<StartRunnerOptions, 'stateDirectory'>,
  signal: AbortSignal,
): Promise<Runner> {
  if (typeof stateDirectory === 'string') return startRunner({ ...options, stateDirectory }, { signal });
  const { host, actionsDirectory, logger } = options;
  for (let number = 1; ; number++) {
    // Colons of IPv6 addresses are not allowed in file names on every system.
    const name = `${host.replaceAll(':', '_')}${number === 1 ? '' : `-${number}`}`;
    const directory = join(stateDirectory.below, name);
    try {
      const runner = await startRunner({ ...options, stateDirectory: directory }, { signal });
      logger.info(
        { state: directory, actions: actionsDirectory },
        'this runner keeps its state in the clone; set BOONER_STATE_DIR and BOONER_ACTIONS_DIR to use other folders',
      );
      return runner;
    } catch (error) {
      const isTaken = error instanceof RunnerError && error.code === 'state_locked';
      if (!isTaken || number === MAX_RUNNERS_OF_HOST) throw error;
    }
  }
}

function statusOf(connection: BusConnection, host: HostId): string {
  if (connection.state === 'connected') return `serving ${host}`;
  return connection.state === 'disconnected'
    ? `waiting for Redis: ${connection.reason}`
    : 'waiting for Redis';
}
