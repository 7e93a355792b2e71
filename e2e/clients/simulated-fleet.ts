import {
  type HostId,
  hostIdSchema,
  NOTHING_MEASURED,
  registrationSchema,
  type Sample,
} from '@booner/protocol';
import { metricsChannel, TARGETS_KEY } from '@booner/protocol/redis-names';
import { Redis } from 'ioredis';

/** Targets without agents, whose samples come from the test. */
export type SimulatedFleet = Disposable & {
  readonly hosts: readonly HostId[];
  /** Publishes one sample of each of the first `count` hosts. */
  publish(count: number): Promise<void>;
};

/**
 * Registers hosts, as an operator does.
 * @param labelLength characters of each target's label; long labels make frames as large as those
 * of a large, detailed fleet
 */
export async function registerFleet(
  redisUrl: string,
  { size, labelLength }: { size: number; labelLength: number },
): Promise<SimulatedFleet> {
  const redis = new Redis(redisUrl);
  const hosts = Array.from({ length: size }, (_, index) => {
    return hostIdSchema.parse(`10.${index >> 16}.${(index >> 8) & 0xff}.${index & 0xff}`);
  });
  const registrations = hosts.flatMap((host) => {
    const label = `${host} `.padEnd(labelLength, 'x');
    const registration = { ...registrationSchema.parse({}), label };
    return [host, JSON.stringify(registration)];
  });
  await redis.hset(TARGETS_KEY, ...registrations);
  let sequence = 0;
  return {
    hosts,
    async publish(count) {
      sequence++;
      const pipeline = redis.pipeline();
      for (const host of hosts.slice(0, count)) {
        pipeline.publish(metricsChannel(host), JSON.stringify(sampleOf(host, sequence)));
      }
      const results = await pipeline.exec();
      const failed = results?.find(([error]) => error !== null);
      if (failed !== undefined) throw failed[0];
    },
    [Symbol.dispose]: () => redis.disconnect(),
  };
}

/** A sample of a host that reports once an hour, so that it does not go offline meanwhile. */
const sampleOf = (host: HostId, sequence: number): Sample => ({
  type: 'sample',
  host,
  instance: 'simulated',
  sequence,
  sampledAtMs: Date.now(),
  inventoryTakenAtMs: null,
  intervalMs: 3_600_000,
  ...NOTHING_MEASURED,
  uptimeSeconds: sequence,
  cpu: {
    usageRatio: (sequence % 100) / 100,
    userRatio: 0,
    systemRatio: 0,
    iowaitRatio: 0,
    stealRatio: 0,
    cores: [],
  },
});
