import type { HostId } from '@booner/protocol';
import { metricsChannel, targetKey } from '@booner/protocol/redis-names';
import { Redis } from 'ioredis';
import { createSimulatedHost, type HostShape, type SimulatedHost } from './simulated-host.ts';

/** Short, so that samples reach Redis a few at a time, as they do from independent agents. */
const TICK_MS = 20;

export type SimulatedFleetOptions = {
  readonly redisUrl: string;
  readonly count: number;
  readonly intervalMs: number;
  /** Returns what is special about the host of an index. */
  readonly shape?: (index: number) => HostShape;
};

/**
 * Hosts without agents: this process publishes their samples, spread evenly over the interval.
 * Disposing of it publishes no `bye`, and throws the error that kept samples from Redis, if any.
 */
export type SimulatedFleet = AsyncDisposable & {
  /** `10.0.0.1`, `10.0.0.2`, … */
  readonly hosts: readonly HostId[];
  /** Stops a host's samples. Hubs declare it offline after three of its intervals. */
  silence(host: HostId): void;
  /** Resumes a host's samples. */
  resume(host: HostId): void;
};

/** Starts simulated hosts on a real Redis. Returns when each has published once. */
export async function startSimulatedFleet(options: SimulatedFleetOptions): Promise<SimulatedFleet> {
  const { redisUrl, count, intervalMs, shape } = options;
  const redis = new Redis(redisUrl);
  let failure: unknown = null;
  const fail = (error: unknown) => {
    failure ??= error;
  };
  redis.on('error', fail);
  const simulated = Array.from({ length: count }, (_, index) =>
    createSimulatedHost(index + 1, intervalMs, shape?.(index)),
  );
  const silent = new Set<HostId>();
  await describeHosts(redis, simulated);
  await publish(redis, simulated);

  const startMs = performance.now();
  let published = 0;
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - startMs) / intervalMs) * count);
    const batch: SimulatedHost[] = [];
    // After a pause of this process, no host publishes twice.
    for (published = Math.max(published, due - count); published < due; published++) {
      const next = simulated[published % count]!;
      if (!silent.has(next.host)) batch.push(next);
    }
    if (batch.length > 0) publish(redis, batch).catch(fail);
  }, TICK_MS);
  return {
    hosts: simulated.map(({ host }) => host),
    silence: (host) => void silent.add(host),
    resume: (host) => void silent.delete(host),
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      const seen = failure; // what is under way now fails with the connection
      redis.disconnect();
      if (seen !== null) throw seen;
    },
  };
}

async function describeHosts(redis: Redis, hosts: readonly SimulatedHost[]): Promise<void> {
  const pipeline = redis.pipeline();
  for (const { host, inventory } of hosts) {
    pipeline.hset(targetKey(host), 'inventory', JSON.stringify(inventory), 'version', inventory.agentVersion);
  }
  await pipeline.exec();
}

async function publish(redis: Redis, hosts: readonly SimulatedHost[]): Promise<void> {
  const pipeline = redis.pipeline();
  for (const simulated of hosts) {
    const sample = JSON.stringify(simulated.nextSample(Date.now()));
    pipeline
      .hset(targetKey(simulated.host), 'sample', sample)
      .publish(metricsChannel(simulated.host), sample);
  }
  const replies = await pipeline.exec();
  const refused = replies?.find(([error]) => error !== null);
  if (refused?.[0]) throw refused[0];
}
