import {
  type HubProcess,
  type RedisServer,
  type SimulatedFleet,
  type SimulatedFleetOptions,
  startHub,
  startRedis,
  startSimulatedFleet,
} from '@booner/testkit';

/** Interval of hosts and hubs, unless a test overrides it: short, so that a lot happens soon. */
const INTERVAL_MS = 500;

export type FleetBed = AsyncDisposable & {
  readonly redis: RedisServer;
  readonly hub: HubProcess;
  readonly fleet: SimulatedFleet;
};

/** Starts a Redis, a hub, and simulated hosts that report every {@link INTERVAL_MS}. */
export async function startFleetBed({
  count = 3,
  intervalMs = INTERVAL_MS,
  shape,
}: Partial<Omit<SimulatedFleetOptions, 'redisUrl'>> = {}): Promise<FleetBed> {
  await using starting = new AsyncDisposableStack();
  const redis = starting.use(await startRedis());
  const hub = starting.use(
    await startHub({ redisUrl: redis.url, env: { BOONER_INTERVAL_MS: `${intervalMs}` } }),
  );
  const fleet = starting.use(await startSimulatedFleet({ redisUrl: redis.url, count, intervalMs, shape }));
  const stack = starting.move();
  return { redis, hub, fleet, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
