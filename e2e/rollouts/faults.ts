import { setTimeout as pause } from 'node:timers/promises';
import type { HubProcess, RedisServer, RunnerProcess, TcpProxy } from '@booner/testkit';

/** Something that can be broken and mends itself. */
type Victim = {
  /** Kills it and starts it again. */
  kill(): Promise<void>;
  /** Has it stand still, or cuts it off, for some time. */
  hold(ms: number): Promise<void>;
};

/** A runner, and the only way by which it reaches Redis. */
type ReachedRunner = { readonly runner: RunnerProcess; readonly proxy: TcpProxy };

const chance = (share: number) => Math.random() < share;
const within = (fromMs: number, toMs: number) => fromMs + Math.random() * (toMs - fromMs);

const hubVictim = (hub: HubProcess): Victim => ({
  kill: async () => {
    await hub.kill('SIGKILL');
    await pause(within(0, 3000));
    await hub.restart();
  },
  hold: async (ms) => {
    await hub.kill('SIGSTOP');
    await pause(ms);
    await hub.kill('SIGCONT');
  },
});

const runnerVictim = ({ runner, proxy }: ReachedRunner): Victim => ({
  kill: async () => {
    await runner.kill('SIGKILL');
    await pause(within(0, 3000));
    await runner.restart();
  },
  hold: async (ms) => {
    const isCut = chance(0.5);
    if (isCut) proxy.pause();
    else await runner.kill('SIGSTOP');
    await pause(ms);
    if (isCut) {
      proxy.cut();
      proxy.resume();
    } else await runner.kill('SIGCONT');
  },
});

const redisVictim = (redis: RedisServer): Victim => ({
  kill: async () => {
    await redis.kill('SIGKILL');
    await redis.restart();
  },
  hold: async (ms) => {
    redis.freeze();
    await pause(ms);
    redis.thaw();
  },
});

export type FaultsOptions = {
  readonly hubs: readonly HubProcess[];
  readonly runners: readonly ReachedRunner[];
  readonly redis: RedisServer;
  readonly durationMs: number;
};

/** Longest time that something stands still: over that of a lease, below that of a lost runner. */
const MAX_HOLD_MS = 14_000;

/**
 * Breaks hubs, runners and Redis at random, one of each kind at a time, beside each other. All of
 * them work again when this returns.
 * @returns what was done, in order
 */
export async function causeFaults({
  hubs,
  runners,
  redis,
  durationMs,
}: FaultsOptions): Promise<readonly string[]> {
  const endMs = performance.now() + durationMs;
  const done: string[] = [];
  const breakSome = async (kind: string, victims: readonly Victim[], restMs: number) => {
    for (;;) {
      await pause(within(restMs / 4, restMs));
      if (performance.now() > endMs) return;
      const index = Math.floor(Math.random() * victims.length);
      const victim = victims[index]!;
      const holdMs = chance(0.5) ? Math.round(within(200, MAX_HOLD_MS)) : null;
      done.push(
        `${new Date().toISOString()} ${kind} ${index} ${holdMs === null ? 'killed' : `held ${holdMs} ms`}`,
      );
      if (holdMs === null) await victim.kill();
      else await victim.hold(holdMs);
    }
  };
  await Promise.all([
    breakSome('hub', hubs.map(hubVictim), 4000),
    breakSome('runner', runners.map(runnerVictim), 4000),
    breakSome('redis', [redisVictim(redis)], 20_000),
  ]);
  return done;
}
