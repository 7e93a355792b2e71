import { setTimeout as delay } from 'node:timers/promises';
import { type Rollout, registrationSchema, rolloutSchema } from '@booner/protocol';
import { TARGETS_KEY } from '@booner/protocol/redis-names';
import { eventually, startRedis } from '@booner/testkit';
import { Redis } from 'ioredis';
import { cpuBetweenNs, readTreeCpu } from '../measure/process-usage.ts';
import type { PartContext, PartResult } from '../part-result.ts';
import { type HubUnderTest, startHubProcess } from '../processes/hub-process.ts';
import { openTaskStore } from '../tasks/task-store.ts';
import { ANSWER_TIMEOUT_MS, runnerHosts, startRunners } from '../tasks/test-bed.ts';
import { presentRollouts, type RolloutFigures } from './rollout-table.ts';

type Plan = { readonly hosts: number; readonly batch: number; readonly rounds: number };

const FULL: Plan = { hosts: 500, batch: 50, rounds: 5 };
const SHORT: Plan = { hosts: 40, batch: 10, rounds: 1 };
const ACTION = { action: 'bench.true', params: { sent_at_us: 0 } };
const DEADLINE_MS = 120_000;

/**
 * Measures rollouts of an action that takes no time, next to the same number of tasks that a client
 * creates at once by itself.
 */
export async function runRolloutBench({ isShort, signal, progress }: PartContext): Promise<PartResult> {
  const plan = isShort ? SHORT : FULL;
  await using scope = new AsyncDisposableStack();
  const redis = scope.use(await startRedis());
  const operator = new Redis(redis.url);
  scope.defer(() => operator.disconnect());
  const hosts = runnerHosts(plan.hosts);
  const registration = JSON.stringify(registrationSchema.parse({}));
  await operator.hset(TARGETS_KEY, ...hosts.flatMap((host) => [host, registration]));
  const hub = scope.use(await startHubProcess({ redisUrl: redis.url, intervalMs: 3000 }));
  const store = scope.use(await openTaskStore(redis.url));
  const runners = await startRunners({ redis, hub, store }, { runners: plan.hosts, conduct: 'end' }, scope);

  const figures: RolloutFigures[] = [];
  for (let round = 0; round <= plan.rounds; round += 1) {
    progress(`rollouts: round ${round} of ${plan.rounds}`);
    await delay(1000, undefined, { signal });
    const rollout = await measure(hub, () => rollOut(hub, plan));
    const apart = await measure(hub, () => createApart(hub, hosts));
    // The first round compiles code.
    if (round > 0) figures.push({ ...plan, rollout, apart });
  }
  await runners.request('takeReport', null, ANSWER_TIMEOUT_MS);
  await store.assertNoneLate();
  hub.assertRuns();
  return presentRollouts(figures);
}

/** Measures the time of something and the hub's CPU time meanwhile. */
async function measure(hub: HubUnderTest, run: () => Promise<void>) {
  const [startMs, before] = [performance.now(), readTreeCpu(hub.pid)];
  await run();
  const elapsedMs = performance.now() - startMs;
  return { elapsedMs, cpuMs: cpuBetweenNs(before, readTreeCpu(hub.pid)) / 1e6 };
}

const ask = async (hub: HubUnderTest, method: string, path: string, body?: object): Promise<unknown> => {
  const response = await fetch(`http://127.0.0.1:${hub.port}${path}`, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}`);
  return response.json();
};

async function rollOut(hub: HubUnderTest, { batch, hosts }: Plan): Promise<void> {
  const request = { ...ACTION, selector: '*', batches: [batch] };
  const { rollout_id: id } = (await ask(hub, 'POST', '/rollouts', request)) as { rollout_id: string };
  let rollout: Rollout | null = null;
  while (rollout === null || rollout.endedAtMs === null) {
    rollout = rolloutSchema.parse(await ask(hub, 'GET', `/rollouts/${id}?after=${rollout?.version ?? 0}`));
  }
  if (rollout.counts.completed !== hosts) throw new Error(`the rollout ended ${rollout.status}`);
}

async function createApart(hub: HubUnderTest, hosts: readonly string[]): Promise<void> {
  const tasks = await Promise.all(
    hosts.map((host) => ask(hub, 'POST', '/tasks', { host, ...ACTION }) as Promise<{ task_id: string }>),
  );
  const ids = new Set(tasks.map(({ task_id: id }) => id));
  await eventually(
    async () => {
      const { tasks: page } = (await ask(hub, 'GET', '/tasks?version=2&status=completed&limit=500')) as {
        tasks: { id: string }[];
      };
      return page.filter(({ id }) => ids.has(id)).length === ids.size;
    },
    { deadlineMs: DEADLINE_MS, everyMs: 100, what: 'the tasks to end' },
  );
}
