import { publishSamples } from '@booner/bus/publish-samples';
import { revealRedis } from '@booner/bus/redis/config';
import { openHostPasswords } from '@booner/bus/redis/host-passwords';
import { createOutageLog } from '@booner/bus/redis/outage-log';
import { findOwnHost } from '@booner/bus/redis/own-host';
import { startRedisPublisher } from '@booner/bus/redis/publisher';
import { redactRedisUrl } from '@booner/bus/redis/url';
import { Backlog } from '@booner/history/backlog';
import { newInstanceId } from '@booner/protocol/instance-id';
import { keepInventory } from '@booner/sampler';
import { sleep } from '@booner/service';
import { releaseMemory } from '@booner/service/release-memory';
import type { DaemonContext } from '@booner/service/run-daemon';
import type { AgentConfig } from './config.ts';
import { reportPublishing } from './report-publishing.ts';
import { startSampling } from './start-sampling.ts';

/**
 * By then the first samples and the inventory have run all the code. Frees 12 of 29 MiB of
 * anonymous memory.
 */
const RELEASE_AFTER_MS = 10_000;
/** Over a shorter time, the kernel's clock ticks of 10 ms are too coarse for shares of CPU time. */
const FIRST_RATES_OVER_MS = 200;

/**
 * Publishes samples and the inventory of this machine until the signal aborts, then says `bye`.
 * @returns within 4 s of the abort, even when Redis is dead or frozen
 */
export async function runAgent(
  { config, version, logger, manager }: DaemonContext<AgentConfig>,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  if (config.hostId === null) {
    manager.status('waiting for Redis, to find the address of this host');
    manager.ready();
  }
  const host = config.hostId ?? (await findOwnHost(config.redis, logger, signal));
  if (host === null) return;
  const instance = newInstanceId();
  // Not ended by the signal, as the farewell goes through it.
  await using publisher = await startRedisPublisher({
    redis: revealRedis(config.redis),
    host,
    passwords: await openHostPasswords({
      redis: config.redis,
      directory: config.stateDirectory,
      logger,
    }),
    onConnection: createOutageLog({
      log: logger,
      url: config.redis.url.reveal(),
      meanwhile: 'samples are dropped until it is back',
    })(),
    onRefused: (error) => logger.warn({ reason: error.message }, 'Redis refuses what the agent writes'),
  });
  await using sampler = await startSampling(
    { firstRatesOverMs: FIRST_RATES_OVER_MS, hostRoot: config.hostRoot },
    { signal },
  );
  if (sampler === null) return;
  const { intervalMs, label, labels } = config;
  logger.info(
    { host, instance, intervalMs, redis: redactRedisUrl(config.redis.url.reveal()) },
    'agent started',
  );

  let inventoryTakenAtMs: number | null = null;
  const described = Promise.withResolvers<void>();
  await Promise.all([
    publishSamples(
      {
        host,
        instance,
        intervalMs,
        sampler,
        publisher: reportPublishing({ publisher, manager, intervalMs }),
        inventoryTakenAtMs: () => inventoryTakenAtMs,
        described: described.promise,
        backlog: new Backlog(),
        logger,
      },
      { signal },
    ),
    keepInventory(
      {
        label,
        labels,
        hostRoot: config.hostRoot,
        version,
        logger,
        onInventory: (inventory) => {
          publisher.describe(inventory, version);
          inventoryTakenAtMs = inventory.takenAtMs;
          described.resolve();
        },
      },
      { signal },
    ),
    releaseStartMemory(signal),
  ]);
  logger.info('agent stopped');
}

async function releaseStartMemory(signal: AbortSignal): Promise<void> {
  if (await sleep(RELEASE_AFTER_MS, signal)) releaseMemory();
}
