import { startRedisPublisher } from '@booner/bus/redis/publisher';
import { type HostId, type Measurements, NOTHING_MEASURED, newInstanceId } from '@booner/protocol';
import { runLoop } from '@booner/service';

/** An agent in this process whose measurements and death the test decides. */
export type SimulatedAgent = AsyncDisposable & {
  /** What it measures from now on. */
  measure(measurements: Partial<Measurements>): void;
  /** Stops reporting without a goodbye, like a host without power. */
  die(): void;
  /** Goes on reporting. */
  revive(): void;
};

/** Starts an agent that reports over a connection of its own. */
export async function startSimulatedAgent({
  redisUrl,
  host,
  intervalMs,
}: {
  readonly redisUrl: string;
  readonly host: HostId;
  readonly intervalMs: number;
}): Promise<SimulatedAgent> {
  const publisher = await startRedisPublisher({ redis: { url: redisUrl }, host });
  const stop = new AbortController();
  const instance = newInstanceId();
  let measured: Partial<Measurements> = {};
  let isDead = false;
  let sequence = 0;
  const publish = async () => {
    if (isDead) return;
    const sampledAtMs = Date.now();
    await publisher.publish({
      ...{ type: 'sample', host, instance, sequence: ++sequence, sampledAtMs, intervalMs },
      ...{ inventoryTakenAtMs: null, ...NOTHING_MEASURED, ...measured },
    });
  };
  const running = runLoop({ run: publish, intervalMs, failures: null }, stop);
  return {
    measure: (measurements) => {
      measured = measurements;
    },
    die: () => {
      isDead = true;
    },
    revive: () => {
      isDead = false;
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await running;
      await publisher[Symbol.asyncDispose]();
    },
  };
}
