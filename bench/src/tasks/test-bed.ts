import type { HostId } from '@booner/protocol';
import { type RedisServer, startRedis } from '@booner/testkit';
import { hostOf } from '@booner/testkit/simulated-host';
import { type HubUnderTest, startHubProcess } from '../processes/hub-process.ts';
import { startWorker, type Worker } from '../processes/worker.ts';
import { openTaskStore, type TaskStore } from './task-store.ts';
import type { CallersContract, Conduct, RunnersContract } from './tasks-contract.ts';

/** As a hub does by default. */
const STATUS_INTERVAL_MS = 3000;
const START_TIMEOUT_MS = 30_000;
export const ANSWER_TIMEOUT_MS = 30_000;

/** A Redis and a hub, and a view of the Redis. */
export type TaskBed = { readonly redis: RedisServer; readonly hub: HubUnderTest; readonly store: TaskStore };

/** Starts a test bed, which ends with `scope`. */
export async function openTaskBed(scope: AsyncDisposableStack): Promise<TaskBed> {
  const redis = scope.use(await startRedis());
  const hub = scope.use(await startHubProcess({ redisUrl: redis.url, intervalMs: STATUS_INTERVAL_MS }));
  const store = scope.use(await openTaskStore(redis.url));
  return { redis, hub, store };
}

export const runnerHosts = (runners: number): HostId[] =>
  Array.from({ length: runners }, (_, index) => hostOf(index));

export async function startRunners(
  { redis }: TaskBed,
  { runners, conduct }: { readonly runners: number; readonly conduct: Conduct },
  scope: AsyncDisposableStack,
): Promise<Worker<RunnersContract>> {
  const worker = scope.use(
    await startWorker<RunnersContract>('runners', new URL('runners.ts', import.meta.url)),
  );
  const hosts = runnerHosts(runners);
  await worker.request('start', { redisUrl: redis.url, hosts, conduct }, START_TIMEOUT_MS);
  return worker;
}

export async function startCallers(
  { hub }: TaskBed,
  options: { readonly hosts: HostId[]; readonly watchesVersion1: boolean },
  scope: AsyncDisposableStack,
): Promise<Worker<CallersContract>> {
  const worker = scope.use(
    await startWorker<CallersContract>('callers', new URL('callers.ts', import.meta.url)),
  );
  await worker.request('connect', { port: hub.port, ...options }, START_TIMEOUT_MS);
  return worker;
}
