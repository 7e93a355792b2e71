import { publishSamples } from '@booner/bus/publish-samples';
import { startRedisPublisher } from '@booner/bus/redis/publisher';
import {
  type HostId,
  hostIdSchema,
  type Measurements,
  NOTHING_MEASURED,
  newInstanceId,
  type Sample,
} from '@booner/protocol';

/** Measurements of a host that reports little. */
const MEASUREMENTS: Measurements = {
  ...NOTHING_MEASURED,
  uptimeSeconds: 12_345.67,
  cpu: { usageRatio: 0.25, userRatio: 0.2, systemRatio: 0.05, iowaitRatio: 0, stealRatio: 0, cores: [] },
  loadAverage: { last1Minute: 0.5, last5Minutes: 0.4, last15Minutes: 0.3 },
  gpus: [],
  unavailable: { memory: 'EACCES: permission denied, open /proc/meminfo' },
};

export const makeSample = (changes: Partial<Sample> & { readonly host: HostId }): Sample => ({
  type: 'sample',
  instance: 'simulated',
  sequence: 1,
  sampledAtMs: Date.now(),
  inventoryTakenAtMs: null,
  intervalMs: 1000,
  ...MEASUREMENTS,
  ...changes,
});

/** `10.1.0.1`, `10.1.0.2`, … */
export const simulatedHosts = (count: number): HostId[] =>
  Array.from({ length: count }, (_, index) => hostIdSchema.parse(`10.1.0.${index + 1}`));

/**
 * Runs agents in this process: everything but their sensors, each over a connection of its own.
 * Disposal sends `bye` for each.
 */
export async function startSimulatedAgents(options: {
  readonly redisUrl: string;
  readonly hosts: readonly HostId[];
  readonly intervalMs: number;
}): Promise<AsyncDisposable> {
  const { redisUrl, hosts, intervalMs } = options;
  const stop = new AbortController();
  const { signal } = stop;
  const sampler = { sample: async () => MEASUREMENTS };
  const ignore = () => {};
  const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
  const running = hosts.map(async (host) => {
    await using publisher = await startRedisPublisher({ redis: { url: redisUrl }, host });
    const instance = newInstanceId();
    await publishSamples(
      { host, instance, intervalMs, sampler, publisher, inventoryTakenAtMs: () => null, logger },
      { signal },
    );
  });
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all(running);
    },
  };
}
