import { BusError, type RedisSettings } from '@booner/bus';
import { publishSamples } from '@booner/bus/publish-samples';
import { startRedisPublisher } from '@booner/bus/redis/publisher';
import { parseRedisUrl, redactRedisUrl } from '@booner/bus/redis/url';
import type { HostId } from '@booner/protocol';
import { newInstanceId } from '@booner/protocol/instance-id';
import { ConfigError, type Logger } from '@booner/service';
import type { AgentConfig, RedisConfig } from './config.ts';
import { findHostAddress } from './host-address.ts';
import { keepInventory } from './keep-inventory.ts';
import { releaseStartMemory } from './release-memory.ts';
import { startSampling } from './start-sampling.ts';

/** Over less, the clock ticks of 10 ms, in which the kernel counts CPU time, are too coarse for shares of it. */
const FIRST_RATES_OVER_MS = 200;

export type AgentOptions = {
  readonly config: AgentConfig;
  /** Of the agent's own package. */
  readonly version: string;
  readonly logger: Logger;
};

/**
 * Publishes samples and the inventory of this machine until the signal aborts, then says `bye`.
 * @returns within 4 s of the abort, even when Redis is dead or frozen
 * @throws ConfigError when the Redis settings contradict each other
 */
export async function runAgent(
  { config, version, logger }: AgentOptions,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const host = config.hostId ?? (await findOwnHost(config.redis, logger, signal));
  if (host === null) return;
  const instance = newInstanceId();
  // Not ended by the signal: the farewell goes through it.
  await using publisher = await startPublisher(config.redis, host, logger);
  await using sampler = await startSampling({ firstRatesOverMs: FIRST_RATES_OVER_MS }, { signal });
  if (sampler === null) return;
  const { intervalMs, label } = config;
  logger.info(
    { host, instance, intervalMs, redis: redactRedisUrl(config.redis.url.reveal()) },
    'agent started',
  );

  let inventoryTakenAtMs: number | null = null;
  await Promise.all([
    publishSamples(
      {
        host,
        instance,
        intervalMs,
        sampler,
        publisher,
        inventoryTakenAtMs: () => inventoryTakenAtMs,
        logger,
      },
      { signal },
    ),
    keepInventory(
      {
        label,
        version,
        logger,
        onInventory: (inventory) => {
          publisher.describe(inventory, version);
          inventoryTakenAtMs = inventory.takenAtMs;
        },
      },
      { signal },
    ),
    releaseStartMemory({ signal }),
  ]);
  logger.info('agent stopped');
}

function findOwnHost({ url }: RedisConfig, logger: Logger, signal: AbortSignal): Promise<HostId | null> {
  const [server] = parseRedisUrl(url.reveal()).nodes;
  if (server === undefined) throw new ConfigError(['REDIS_URL: names no server']);
  return findHostAddress(server, { logger }, { signal });
}

async function startPublisher({ url, username, password, ca }: RedisConfig, host: HostId, logger: Logger) {
  const redis: RedisSettings = { url: url.reveal(), username, password: password?.reveal(), ca };
  try {
    return await startRedisPublisher({
      redis,
      host,
      onRefused: (error) => logger.warn({ reason: error.message }, 'Redis refuses what the agent writes'),
    });
  } catch (cause) {
    if (cause instanceof BusError && (cause.code === 'bad_url' || cause.code === 'bad_certificate')) {
      throw new ConfigError([`REDIS_URL: ${cause.message}`]);
    }
    throw cause;
  }
}
