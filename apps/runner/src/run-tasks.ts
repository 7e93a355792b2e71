import { findHostAddress } from '@booner/bus/host-address';
import { type RedisConfig, revealRedis } from '@booner/bus/redis/config';
import { startRedisRunner } from '@booner/bus/redis/runner';
import { parseRedisUrl } from '@booner/bus/redis/url';
import type { HostId } from '@booner/protocol';
import { RunnerError, startRunner } from '@booner/runner';
import { aborted, ConfigError, type Logger, StartError } from '@booner/service';
import { releaseMemory } from '@booner/service/release-memory';
import type { RunnerConfig } from './config.ts';

export type RunTasksOptions = {
  readonly config: RunnerConfig;
  /** Of the runner's own package. */
  readonly version: string;
  readonly logger: Logger;
};

/**
 * Runs the tasks of this host until the signal aborts, then those that may finish.
 * @throws StartError when the state directory cannot be used
 */
export async function runTasks(
  { config, version, logger }: RunTasksOptions,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const host = config.hostId ?? (await findOwnHost(config.redis, logger, signal));
  if (host === null) return;
  const { actionsDirectory, stateDirectory, concurrency } = config;
  const runner = await startRunner(
    {
      host,
      actionsDirectory,
      stateDirectory,
      concurrency,
      version,
      logger,
      // Not ended by the signal: the ends of the tasks go through it.
      startBus: (instance, listener) =>
        startRedisRunner({
          redis: revealRedis(config.redis),
          host,
          instance,
          listener,
          onRejected: ({ detail }) =>
            logger.warn(
              { reason: detail },
              'something that hubs told this host cannot be read: it is left out',
            ),
          onRefused: (error) =>
            logger.warn({ reason: error.message }, 'Redis refuses what the runner writes'),
        }),
    },
    { signal },
  ).catch((error: unknown) => {
    throw error instanceof RunnerError ? new StartError(error.message, { cause: error }) : error;
  });
  releaseMemory();
  await aborted(signal);
  logger.info('stopping: no new task is taken');
  await runner[Symbol.asyncDispose]();
  logger.info('runner stopped');
}

function findOwnHost({ url }: RedisConfig, logger: Logger, signal: AbortSignal): Promise<HostId | null> {
  const [server] = parseRedisUrl(url.reveal()).nodes;
  if (server === undefined) throw new ConfigError(['REDIS_URL: names no server']);
  return findHostAddress(server, { logger }, { signal });
}
