import type { HostId } from '@booner/protocol';
import { LATE_REPORTS_KEY, runnerKey } from '@booner/protocol/redis-names';
import { type RedisServer, startRedis } from '@booner/testkit';
import type { Redis } from 'ioredis';
import { BusError } from '../bus-error.ts';
import type { Rejection } from '../ports.ts';
import type { RedisSettings } from '../redis/connection/connection-options.ts';
import { fieldsOf } from '../redis/connection/stream-fields.ts';
import { startRedisRunner } from '../redis/runner/runner.ts';
import { startRedisTasks } from '../redis/tasks/tasks.ts';
import type { ReportOutcome, TaskBus } from '../task-ports.ts';
import type { TaskBusUnderTest } from './contract/task-bus-under-test.ts';
import { startScenario } from './contract/task-scenario.ts';
import { connectOperator } from './test-bus.ts';

type Ways = {
  /** Settings with which hubs reach Redis; default: those of the user `default`. */
  readonly hub?: RedisSettings;
  readonly runner?: RedisSettings | ((host: HostId) => RedisSettings);
  /** URL with which operators reach Redis. */
  readonly operatorUrl?: string;
};

/** The task ports on a Redis that outlives them. */
export async function startTaskBus(server: RedisServer, ways: Ways = {}) {
  const { hub = { url: server.url }, runner = { url: server.url }, operatorUrl = server.url } = ways;
  const operator = connectOperator(operatorUrl);
  const refusals: string[] = [];
  const rejections: Rejection[] = [];
  const onRejected = (rejection: Rejection) => void rejections.push(rejection);
  let hubs = 0;
  return {
    startTasks: () => startRedisTasks({ redis: hub, hub: `hub-${++hubs}`, onRejected }),
    startRunner: (host, instance, listener) =>
      startRedisRunner({
        ...{
          redis: typeof runner === 'function' ? runner(host) : runner,
          host,
          instance,
          listener,
          onRejected,
        },
        onRefused: (error) => void refusals.push(error.message),
      }),
    readLateReports: () => readLateReports(operator.redis),
    expirePresence: async (host) => void (await operator.redis.del(runnerKey(host))),
    /** An operator's connection. */
    redis: operator.redis,
    refusals,
    rejections,
    [Symbol.asyncDispose]: async () => operator[Symbol.dispose](),
  } satisfies TaskBusUnderTest & Record<string, unknown>;
}

/** A hub, scripted runners, and the Redis between them. */
export async function startTaskScenario(
  options: Parameters<typeof startRedis>[0] = {},
  ways: (server: RedisServer) => Ways | Promise<Ways> = () => ({}),
) {
  await using resources = new AsyncDisposableStack();
  const server = resources.use(await startRedis(options));
  const bus = await startTaskBus(server, await ways(server));
  const scene = resources.use(await startScenario(async () => bus));
  const owned = resources.move();
  return { ...scene, bus, server, redis: bus.redis, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Applies all that comes, as a hub does, until it is disposed of. */
export function startApplying(hub: TaskBus) {
  const outcomes: ReportOutcome[] = [];
  let stopped = false;
  const run = async () => {
    while (!stopped) {
      try {
        for (const received of await hub.nextReports(100)) outcomes.push(await hub.apply(received));
      } catch (error) {
        if (!(error instanceof BusError)) throw error;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  };
  const running = run();
  return {
    outcomes,
    [Symbol.asyncDispose]: async () => {
      stopped = true;
      await hub[Symbol.asyncDispose]();
      await running;
    },
  };
}

async function readLateReports(redis: Redis) {
  const entries = await redis.xrange(LATE_REPORTS_KEY, '-', '+');
  return entries.map(([, flat]) => {
    const fields = fieldsOf(flat);
    return { task: fields.get('task') || null, reason: fields.get('reason') ?? '' };
  });
}
