import type { TaskServerMessage } from '@booner/protocol';
import {
  eventually,
  type HubProcess,
  openStatusClient,
  openTaskClient,
  type StreamClient,
  startHub,
  startRedis,
  startTcpProxy,
} from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { taskPictureOf } from '../tasks/task-picture.ts';
import { simulatedHosts, startSimulatedAgents } from './simulated-agents.ts';
import { throughout } from './throughout.ts';

const deadlineMs = 60_000;
const HOSTS = simulatedHosts(5);
const HOST = HOSTS[0]!;
const RESTARTS = 4;
const env = { BOONER_INTERVAL_MS: '1000' };

/** A request, and the content of its answer once the hub knows the fleet and its tasks. */
type Question = { readonly path: string; readonly init?: RequestInit; readonly truth: RegExp };

const post = (body: object): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

/** All HTTP answers of a hub about the fleet and its tasks. */
const questionsOn = (taskId: string): Question[] => [
  { path: '/system/status', truth: new RegExp(`"host":"${HOST}"`) },
  { path: '/system/status?version=2', truth: new RegExp(`"host":"${HOST}"`) },
  { path: '/targets', truth: new RegExp(`"host":"${HOST}"`) },
  { path: `/targets/${HOST}`, truth: new RegExp(`"host":"${HOST}"`) },
  { path: `/targets/${HOST}/history`, truth: /"times"/ },
  { path: `/history?hosts=${HOST}&figures=cpuUsageRatio`, truth: new RegExp(`"host":"${HOST}"`) },
  { path: `/targets/${HOST}/actions`, truth: /"online":false/ },
  { path: '/tasks', truth: new RegExp(taskId) },
  { path: '/tasks?version=2', truth: new RegExp(taskId) },
  { path: `/tasks/${taskId}`, truth: /"status":"running"/ },
  { path: '/tasks', init: post({ host: HOST, action: 'deploy' }), truth: /No runner serves/ },
];

async function makeTask(hub: HubProcess): Promise<string> {
  const body = { host: HOST, action: 'nightly', external: true, status: 'running' };
  const answer = await hub.get('/tasks', post(body));
  expect(answer.status).toBe(202);
  return ((await answer.json()) as { task_id: string }).task_id;
}

const untilReady = (hub: HubProcess) =>
  eventually(async () => (await hub.get('/readyz')).ok, { deadlineMs, what: 'the hub to be ready' });

const typesOf = ({ received }: StreamClient<{ readonly type: string }>) =>
  received.map(({ message }) => message.type);

describe.concurrent('a hub that has not caught up', () => {
  it('answers 503 and makes sockets wait, for as long as Redis is down', async () => {
    await using redis = await startRedis();
    await using earlier = await startHub({ redisUrl: redis.url, env });
    await using _agents = await startSimulatedAgents({ redisUrl: redis.url, hosts: HOSTS, intervalMs: 1000 });
    await eventually(async () => (await hostsOf(earlier)).length === HOSTS.length, {
      deadlineMs,
      what: 'the fleet',
    });
    const taskId = await makeTask(earlier);
    await using proxy = await startTcpProxy({ targetPort: redis.port });
    proxy.pause();
    await using hub = await startHub({ redisUrl: `redis://127.0.0.1:${proxy.port}`, env });
    using status1 = await openStatusClient(hub.url, { version: 1 });
    using status2 = await openStatusClient(hub.url, { version: 2 });
    using tasks1 = await openTaskClient(hub.url, { version: 1 });
    using tasks2 = await openTaskClient(hub.url, { version: 2 });
    await throughout(4000, async () => {
      for (const { path, init } of questionsOn(taskId)) {
        const answer = await hub.get(path, init);
        expect([path, answer.status, answer.headers.get('retry-after')]).toEqual([path, 503, '5']);
        expect(answer.headers.get('content-type')).toBe('application/problem+json');
      }
      const ready = await hub.get('/readyz');
      expect([ready.status, await ready.json()]).toMatchObject([503, { reason: /./ }]);
    });
    expect(await (await hub.get('/metrics')).text()).not.toMatch(/^booner_(hub_open_tasks|target_up)\{/m);
    expect([status1.received, tasks1.received]).toEqual([[], []]);
    expect(new Set([...typesOf(status2), ...typesOf(tasks2)])).toEqual(new Set(['waiting']));

    proxy.resume();
    await untilReady(hub);
    for (const { path, init, truth } of questionsOn(taskId)) {
      expect(await (await hub.get(path, init)).text()).toMatch(truth);
    }
    await eventually(() => status1.received.length > 0 && tasks1.received.length > 0, {
      deadlineMs,
      what: 'the first documents of version 1',
    });
    expect(status1.received[0]!.message.deployment_targets).toHaveLength(HOSTS.length);
    expect(tasks1.received[0]!.message).toEqual({ [taskId]: { status: 'running' } });
    await eventually(() => typesOf(status2).includes('snapshot') && typesOf(tasks2).includes('snapshot'), {
      deadlineMs,
      what: 'the snapshots',
    });
    expect(status2.received.find(({ message }) => message.type === 'snapshot')!.message).toMatchObject({
      targets: HOSTS.map((host) => ({ host })),
    });
  });

  it(`answers correctly or with 503 from the first moment of each of ${RESTARTS} starts`, async () => {
    await using redis = await startRedis();
    await using proxy = await startTcpProxy({ targetPort: redis.port });
    proxy.delay(60);
    await using hub = await startHub({ redisUrl: `redis://127.0.0.1:${proxy.port}`, env });
    await using _agents = await startSimulatedAgents({ redisUrl: redis.url, hosts: HOSTS, intervalMs: 1000 });
    await eventually(async () => (await hostsOf(hub)).length === HOSTS.length, {
      deadlineMs,
      what: 'the fleet',
    });
    await untilReady(hub);
    const taskId = await makeTask(hub);
    const untrue: unknown[] = [];
    for (let restart = 1; restart <= RESTARTS; restart++) {
      await hub.kill('SIGKILL');
      await hub.restart();
      using client = await openStatusClient(hub.url, { version: 1 });
      let refused = 0;
      await eventually(
        async () => {
          const ready = (await hub.get('/readyz')).ok;
          const answers = await Promise.all(
            questionsOn(taskId).map(async ({ path, init, truth }) => {
              const answer = await hub.get(path, init);
              const text = await answer.text();
              if (answer.status !== 503 && !truth.test(text)) untrue.push([path, answer.status, text]);
              return answer.status;
            }),
          );
          refused += answers.filter((code) => code === 503).length;
          return ready;
        },
        { deadlineMs, what: 'the hub to be ready' },
      );
      expect(untrue).toEqual([]);
      expect(refused).toBeGreaterThan(0);
      const first = await eventually(() => client.received[0], { deadlineMs, what: 'the first document' });
      expect(first.message.deployment_targets).toHaveLength(HOSTS.length);
    }
  });
});

it.concurrent('a client that is ahead of a hub cut off from Redis waits there, and then gets exactly what it missed', async () => {
  await using redis = await startRedis();
  await using ahead = await startHub({ redisUrl: redis.url, env });
  await using proxy = await startTcpProxy({ targetPort: redis.port });
  await using behind = await startHub({ redisUrl: `redis://127.0.0.1:${proxy.port}`, env });
  await Promise.all([ahead, behind].map(untilReady));
  const before = await makeTask(ahead);
  await eventually(async () => (await (await behind.get('/tasks')).text()).includes(before), {
    deadlineMs,
    what: 'the task on both hubs',
  });
  using idle = await openTaskClient(behind.url, { version: 2 });
  await eventually(() => typesOf(idle).includes('snapshot'), { deadlineMs, what: 'a snapshot' });

  proxy.refuse();
  proxy.cut();
  await eventually(async () => !(await behind.get('/readyz')).ok, {
    deadlineMs,
    what: 'the cut to be noticed',
  });
  using told = await openTaskClient(ahead.url, { version: 2 });
  await eventually(() => typesOf(told).includes('snapshot'), { deadlineMs, what: 'a snapshot' });
  const patch = (id: string, body: object) => ahead.get(`/tasks/${id}`, { ...post(body), method: 'PATCH' });
  await patch(before, { status: 'completed' });
  await eventually(() => typesOf(told).includes('event'), { deadlineMs, what: 'the end' });
  const { cursor } = told.received.findLast(({ message }) => message.type === 'event')!.message as {
    cursor: string;
  };

  using comes = await openTaskClient(behind.url, { version: 2, query: { cursor } });
  using fresh = await openTaskClient(behind.url, { version: 2 });
  await eventually(() => typesOf(comes).length > 0 && typesOf(fresh).length > 0, {
    deadlineMs,
    what: 'the answers of the hub that is cut off',
  });
  expect(comes.received[0]!.message).toMatchObject({ type: 'waiting', reason: expect.stringMatching(/./) });
  expect(fresh.received[0]!.message).toMatchObject({ type: 'snapshot', bus: 'disconnected' });
  expect(busOf(idle.received)).toEqual(['disconnected']);

  const ids = [await makeTask(ahead), await makeTask(ahead)];
  await patch(ids[0]!, { status: 'failed', error: 'Connection refused' });
  await proxy.accept();
  await eventually(() => typesOf(comes).filter((type) => type === 'event').length === 5, {
    deadlineMs,
    what: 'what was missed',
  });
  expect(typesOf(comes).filter((type) => type !== 'waiting' && type !== 'bus')[0]).toBe('resumed');
  const picture = taskPictureOf(comes.received.map(({ message }) => message));
  expect([picture.problems, picture.snapshots]).toEqual([[], 0]);
  await eventually(() => busOf(idle.received).at(-1) === 'connected', {
    deadlineMs,
    what: 'the bus to be connected again',
  });
  expect(taskPictureOf(idle.received.map(({ message }) => message)).problems).toEqual([]);
});

async function hostsOf(hub: HubProcess): Promise<readonly unknown[]> {
  const answer = await hub.get('/targets');
  return answer.ok ? ((await answer.json()) as { targets: unknown[] }).targets : [];
}

const busOf = (received: readonly { readonly message: TaskServerMessage }[]) =>
  received.flatMap(({ message }) => (message.type === 'bus' ? message.bus : []));
