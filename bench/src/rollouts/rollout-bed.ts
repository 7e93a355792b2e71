import { type Rollout, registrationSchema, rolloutSchema } from '@booner/protocol';
import { TARGETS_KEY } from '@booner/protocol/redis-names';
import { startRedis } from '@booner/testkit';
import { Redis } from 'ioredis';
import { type HubUnderTest, startHubProcess } from '../processes/hub-process.ts';
import { openTaskStore } from '../tasks/task-store.ts';
import { ANSWER_TIMEOUT_MS, runnerHosts, startRunners } from '../tasks/test-bed.ts';

/** An action that takes no time. */
export const ACTION = { action: 'bench.true', params: { sent_at_us: 0 } };

export type RolloutBed = {
  readonly hub: HubUnderTest;
  readonly hosts: readonly string[];
  /** Sends a request to the hub and returns the answer. */
  ask(method: string, path: string, body?: object): Promise<unknown>;
  /** Creates a rollout to all hosts. @returns its id */
  create(batch: number): Promise<string>;
  /** Waits until all hosts of a rollout have completed. @throws Error if it ends otherwise */
  untilDone(id: string): Promise<void>;
  /** @throws Error if a runner, the hub or a task failed */
  assertSound(): Promise<void>;
};

/** Starts a hub and simulated runners, which live in the scope. */
export async function startRolloutBed(count: number, scope: AsyncDisposableStack): Promise<RolloutBed> {
  const redis = scope.use(await startRedis());
  const operator = new Redis(redis.url);
  scope.defer(() => operator.disconnect());
  const hosts = runnerHosts(count);
  const registration = JSON.stringify(registrationSchema.parse({}));
  await operator.hset(TARGETS_KEY, ...hosts.flatMap((host) => [host, registration]));
  const hub = scope.use(await startHubProcess({ redisUrl: redis.url, intervalMs: 3000 }));
  const store = scope.use(await openTaskStore(redis.url));
  const runners = await startRunners({ redis, hub, store }, { runners: count, conduct: 'end' }, scope);
  const ask = async (method: string, path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${hub.port}${path}`, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}`);
    return response.json();
  };
  return {
    hub,
    hosts,
    ask,
    create: async (batch) => {
      const request = { ...ACTION, selector: '*', batches: [batch] };
      const { rollout_id: id } = (await ask('POST', '/rollouts', request)) as { rollout_id: string };
      return id;
    },
    untilDone: async (id) => {
      let rollout: Rollout | null = null;
      while (rollout === null || rollout.endedAtMs === null) {
        rollout = rolloutSchema.parse(await ask('GET', `/rollouts/${id}?after=${rollout?.version ?? 0}`));
      }
      if (rollout.counts.completed !== count) throw new Error(`the rollout ended ${rollout.status}`);
    },
    assertSound: async () => {
      await runners.request('takeReport', null, ANSWER_TIMEOUT_MS);
      await store.assertNoneLate();
      hub.assertRuns();
    },
  };
}
