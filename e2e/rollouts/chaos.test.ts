import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Rollout, registrationSchema, rolloutSchema } from '@booner/protocol';
import { TARGETS_KEY } from '@booner/protocol/redis-names';
import {
  eventually,
  type HubProcess,
  startHub,
  startRedis,
  startRunner,
  startTcpProxy,
} from '@booner/testkit';
import { expect, it } from 'vitest';
import { connectOperator } from '../fleet/operator.ts';
import { collectFirings } from '../schedules/schedule-firings.ts';
import { shell } from '../tasks/actions.ts';
import { causeFaults } from './faults.ts';

/** `BOONER_TEST_FAULT_SECONDS=1200` breaks things for 20 minutes. */
const FAULT_MS = Number(process.env.BOONER_TEST_FAULT_SECONDS ?? 20) * 1000;
const HOSTS = ['10.7.0.1', '10.7.0.2', '10.7.0.3', '10.7.0.4'];
const ROLLOUT_EVERY_MS = 5000;
const REQUEST_DEADLINE_MS = 5000;
/** Time for everything to end once nothing is broken any more: a lost runner takes the longest. */
const SETTLE_MS = 240_000;

const REQUEST = {
  ...{ action: 'note', selector: 'role=web', batches: [1, '50%'], maxFailures: '100%' },
  ...{ offline: 'wait', between: { waitSeconds: 0, healthy: false } },
};
const SCHEDULE = { ...REQUEST, cron: '*/10 * * * * *', overlap: 'queue', catchUp: 'last' };

type Answer = { readonly status: number; readonly body: Record<string, unknown> };

async function ask(
  hub: HubProcess,
  method: string,
  path: string,
  body?: object,
  key?: string,
): Promise<Answer> {
  const response = await hub.get(path, {
    method,
    signal: AbortSignal.timeout(REQUEST_DEADLINE_MS),
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(key !== undefined && { 'idempotency-key': key }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** Notes the id of its task, in a file that all hosts share, and takes a moment. */
const noting = (folder: string) => ({
  ...shell('echo "$BOONER_TASK_ID" >> "$1/starts"; sleep "0.$(($$ % 9))"', folder),
  schedulable: true,
});

async function startBed() {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'booner-faults-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const actionsDirectory = join(folder, 'actions.d');
  await mkdir(actionsDirectory);
  await chmod(actionsDirectory, 0o755);
  const file = join(actionsDirectory, 'note.yaml');
  await writeFile(file, JSON.stringify({ name: 'note', ...noting(folder) }), { mode: 0o644 });
  const redis = stack.use(await startRedis({ appendonly: true }));
  const operator = stack.use(connectOperator(redis.url)).redis;
  const registration = JSON.stringify({ ...registrationSchema.parse({}), labels: { role: 'web' } });
  await operator.hset(TARGETS_KEY, ...HOSTS.flatMap((host) => [host, registration]));
  const hubs = await Promise.all(
    [1, 2, 3].map(async () => stack.use(await startHub({ redisUrl: redis.url }))),
  );
  const runners = await Promise.all(
    HOSTS.map(async (hostId) => {
      const proxy = stack.use(await startTcpProxy({ targetPort: redis.port }));
      const redisUrl = `redis://127.0.0.1:${proxy.port}`;
      return { runner: stack.use(await startRunner({ redisUrl, hostId, actionsDirectory })), proxy };
    }),
  );
  const offered = async () => {
    const { body } = await ask(hubs[0]!, 'GET', '/runners');
    return (body.runners as { actions: string[] }[]).filter(({ actions }) => actions.includes('note'));
  };
  await eventually(async () => (await offered()).length === HOSTS.length, { what: 'every host to be there' });
  const owned = stack.move();
  return {
    ...{ folder, redis, hubs, runners },
    /** Tasks that were started, one for each start. */
    starts: async () => (await readFile(join(folder, 'starts'), 'utf8')).trim().split('\n'),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Starts a rollout as a careful client does: with one key, at any hub, until it is accepted. */
function startOne(hubs: readonly HubProcess[], key: string): Promise<string> {
  return eventually(
    async () => {
      const hub = hubs[Math.floor(Math.random() * hubs.length)]!;
      const { status, body } = await ask(hub, 'POST', '/rollouts', REQUEST, key);
      if (status !== 202) throw new Error(`answered ${status}: ${JSON.stringify(body)}`);
      return String(body.rollout_id);
    },
    { what: `rollout ${key} to be accepted`, deadlineMs: SETTLE_MS },
  );
}

it(
  'rollouts and schedules lose and double nothing while hubs, runners and Redis are killed, frozen and cut off',
  async ({ annotate }) => {
    await using bed = await startBed();
    const { hubs } = bed;
    const [hub] = hubs as [HubProcess];
    expect((await ask(hub, 'PUT', '/schedules/often', SCHEDULE)).status).toBe(200);
    const { collect, end } = collectFirings('often');

    let isOver = false;
    const faults = causeFaults({ ...bed, durationMs: FAULT_MS }).finally(() => {
      isOver = true;
    });
    const accepted: Promise<string>[] = [];
    while (!isOver) {
      accepted.push(startOne(hubs, `rollout-${accepted.length}`));
      await pause(ROLLOUT_EVERY_MS);
      // Hubs keep the last firings only. The next look finds what this one cannot.
      for (const each of hubs) void collect(each).catch(() => {});
    }
    const done = await faults;
    try {
      const asked = await Promise.all(accepted);
      const firings = await end(hub);
      const fired = [...firings.values()].flatMap(({ rolloutId }) => rolloutId ?? []);
      const read = async (id: string): Promise<Rollout> =>
        rolloutSchema.parse((await ask(hub, 'GET', `/rollouts/${id}`)).body);
      const ended = (id: string) =>
        eventually(
          async () => {
            const rollout = await read(id);
            return rollout.endedAtMs === null ? null : rollout;
          },
          { what: `rollout ${id} to end`, deadlineMs: SETTLE_MS },
        );
      const rollouts = await Promise.all([...new Set([...asked, ...fired])].map(ended));

      // None is doubled, neither those that were asked for nor those that were due.
      expect(new Set(asked).size).toBe(asked.length);
      const listed = (await ask(hub, 'GET', '/rollouts?limit=500')).body.rollouts as { id: string }[];
      expect(listed.map(({ id }) => id).toSorted()).toEqual(rollouts.map(({ id }) => id).toSorted());
      const due = [...firings.keys()].toSorted((a, b) => a - b);
      expect(due).toHaveLength((due.at(-1)! - due[0]!) / 10_000 + 1);

      // Each host had its turn, and what became of it is said.
      const hosts = rollouts.flatMap((rollout) => rollout.hosts);
      expect(hosts).toHaveLength(rollouts.length * HOSTS.length);
      for (const { status, error } of hosts) {
        expect(['completed', 'failed']).toContain(status);
        if (status === 'failed') expect(error).toEqual(expect.any(String));
      }
      // No task was started twice, and none that is said to be completed was not.
      const starts = await bed.starts();
      expect(new Set(starts).size).toBe(starts.length);
      const tasks = hosts.flatMap(({ taskId }) => taskId ?? []);
      expect(starts.filter((id) => !tasks.includes(id as (typeof tasks)[number]))).toEqual([]);
      const completed = hosts.filter(({ status }) => status === 'completed');
      expect(completed.filter(({ taskId }) => !starts.includes(String(taskId)))).toEqual([]);
      expect(completed.length).toBeGreaterThan(0);
      const failed = hosts.length - completed.length;
      await annotate(
        `${done.length} faults, ${asked.length} rollouts, ${fired.length} of ${firings.size} firings, ${starts.length} tasks, ${failed} failed`,
      );
    } catch (error) {
      throw new Error(`after these faults:\n${done.join('\n')}`, { cause: error });
    }
  },
  FAULT_MS + 2 * SETTLE_MS,
);
