import { type HostId, hostIdSchema, registrationSchema } from '@booner/protocol';
import { TARGETS_KEY } from '@booner/protocol/redis-names';
import {
  eventually,
  type HubProcess,
  openStatusClient,
  openTaskClient,
  type RedisServer,
  startHub,
  startRedis,
  startSimulatedFleet,
} from '@booner/testkit';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, ask, type MadeToken, makeToken } from './asking.ts';

const hostOf = (name: string) => hostIdSchema.parse(`${name}.example`);
const SEEN = [hostOf('seen-1'), hostOf('seen-2')];
const HIDDEN = [hostOf('hidden-1'), hostOf('hidden-2')];
/** Is no target. Its name has as many characters as those of the hidden hosts. */
const ABSENT = hostOf('absent-1');
/** Names of hidden hosts, and the labels that only they have. */
const SECRETS = /hidden-|vault/;

let redis: RedisServer;
let hub: HubProcess;
/** Sees the hosts that operators have labelled `role=db`, and may run everything there. */
let reader: MadeToken;
const tasks = new Map<HostId, string>();
beforeAll(async () => {
  redis = await startRedis();
  const operator = new Redis(redis.url);
  for (const host of [...SEEN, ...HIDDEN]) {
    const labels: Record<string, string> = SEEN.includes(host) ? { role: 'db' } : { role: 'vault' };
    const registration = { ...registrationSchema.parse({}), labels, label: `the label of ${host}` };
    await operator.hset(TARGETS_KEY, host, JSON.stringify(registration));
  }
  operator.disconnect();
  hub = await startHub({ redisUrl: redis.url, auth: 'first', env: { BOONER_INTERVAL_MS: '500' } });
  reader = await makeToken(hub, { name: 'reader', role: 'operator', reads: 'role=db' });
  for (const host of [...SEEN, ...HIDDEN]) tasks.set(host, await startTask(host));
  await eventually(async () => (await as(reader, 'GET', '/targets')).json.targets.length === 2, {
    what: 'the fleet',
  });
});
afterAll(async () => {
  await hub[Symbol.asyncDispose]();
  await redis[Symbol.asyncDispose]();
});

const as = ({ token }: { readonly token: string }, method: string, path: string, body?: object) =>
  ask(hub, method, path, { token, ...(body === undefined ? {} : { body }) });
const asAdmin = (method: string, path: string, body?: object) =>
  as({ token: hub.adminToken }, method, path, body);

async function startTask(host: HostId): Promise<string> {
  const body = {
    external: true,
    status: 'running',
    host,
    action: 'backup',
    params: { of: `disk of ${host}` },
  };
  const { status, json } = await asAdmin('POST', '/tasks', body);
  expect(status).toBe(202);
  return json.task_id;
}

const bodyOf = ({ json }: Answer): string => JSON.stringify(json);
const textOf = async (path: string) =>
  (await hub.get(path, { headers: { authorization: `Bearer ${reader.token}` } })).text();

/** Every operation of the API reference that a reader may call. */
async function operations(): Promise<{ readonly method: string; readonly path: string }[]> {
  const { json } = await asAdmin('GET', '/openapi.json');
  return Object.entries<object>(json.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })),
  );
}

describe('a credential with a read scope', () => {
  it('sees no other host on any route, whatever it asks for', async () => {
    const query = `?version=2&limit=100&hosts=${[...SEEN, ...HIDDEN]}&figures=cpuUsageRatio`;
    for (const { method, path } of await operations()) {
      if (method !== 'GET' || path.includes('{')) continue;
      for (const asked of [path, `${path}${query}`]) expect(await textOf(asked), asked).not.toMatch(SECRETS);
    }
    const { json } = await as(reader, 'GET', '/targets');
    expect(json.targets.map(({ host }: { host: string }) => host)).toEqual(SEEN);
    expect(Object.keys((await as(reader, 'GET', '/tasks')).json.tasks).sort()).toEqual(
      SEEN.map((host) => tasks.get(host)).sort(),
    );
    const page = await as(reader, 'GET', '/tasks?version=2&limit=1');
    expect(page.json).toMatchObject({ tasks: [{ host: SEEN[1] }], next: expect.any(String) });
    const rest = await as(reader, 'GET', `/tasks?version=2&cursor=${page.json.next}`);
    expect(rest.json).toMatchObject({ tasks: [{ host: SEEN[0] }], next: null });
    expect(await textOf('/metrics')).toContain(SEEN[0]);
  });

  it('gets the same answer for a hidden host as for one that does not exist, on every route', async () => {
    const hidden = tasks.get(HIDDEN[0]!)!;
    const absent = `${hidden.startsWith('A') ? 'B' : 'A'}${hidden.slice(1)}`;
    const bodies = (host: string) => ({
      '/tasks': { host, action: 'backup' },
      '/infrastructure/task': { target_host: host },
      default: { target_host: host },
    });
    for (const { method, path } of await operations()) {
      if (/^\/(auth|tokens)/.test(path)) continue;
      const given = (host: string): object | undefined => {
        if (method === 'PATCH') return { status: 'completed' };
        if (method !== 'POST') return undefined;
        const known = bodies(host);
        return path.includes('{id}') ? undefined : (known[path as keyof typeof known] ?? known.default);
      };
      const answers = [];
      for (const [host, task] of [
        [HIDDEN[0]!, hidden],
        [ABSENT, absent],
      ] as const) {
        const asked = path.replace('{host}', host).replace('{id}', task);
        const { status, json } = await as(reader, method, asked, given(host));
        answers.push([
          status,
          JSON.stringify(json)?.replaceAll(host, 'HOST').replaceAll(task, 'TASK') ?? null,
        ]);
      }
      if (['/healthz', '/readyz', '/metrics', '/system/status', '/system/history'].includes(path)) continue;
      expect(answers[0], `${method} ${path}`).toEqual(answers[1]);
    }
    expect((await as(reader, 'GET', `/targets/${HIDDEN[0]}`)).status).toBe(404);
    expect((await as(reader, 'GET', `/tasks/${hidden}/log`)).status).toBe(404);
    expect((await asAdmin('GET', `/tasks/${hidden}`)).json.status).toBe('running');
  });

  it('does not see the main server', async () => {
    expect((await as(reader, 'GET', '/system/history')).status).toBe(403);
    const { main_server: version1 } = (await as(reader, 'GET', '/system/status')).json;
    expect([version1.cpu, version1.ram]).toEqual([expect.stringMatching(/^Unknown/), 'Unknown']);
    const { mainServer } = (await as(reader, 'GET', '/system/status?version=2')).json;
    expect(mainServer).toEqual({ host: null, inventory: null, measurements: null });
  });

  it('sees hosts come and go with the labels that operators set, at once, and nothing else on its streams', async () => {
    const headers = { authorization: `Bearer ${reader.token}` };
    using status1 = await openStatusClient(hub.url, { version: 1, headers });
    using status2 = await openStatusClient(hub.url, { version: 2, headers });
    using tasks1 = await openTaskClient(hub.url, { version: 1, headers });
    using tasks2 = await openTaskClient(hub.url, { version: 2, headers });
    const streams = [status1, status2, tasks1, tasks2];
    await eventually(() => streams.every(({ received }) => received.length > 0), { what: 'first data' });
    const said = () => streams.flatMap(({ received }) => received.map(({ text }) => text)).join('\n');
    const label = (host: HostId, role: string) => asAdmin('PATCH', `/targets/${host}`, { labels: { role } });

    tasks2.send({ type: 'follow', taskId: tasks.get(HIDDEN[0]!) });
    tasks2.send({ type: 'follow', taskId: tasks.get(SEEN[0]!) });
    status2.send({ type: 'subscribe', hosts: [...SEEN, ...HIDDEN], detail: 'full' });
    for (const host of [...SEEN, ...HIDDEN]) await progress(tasks.get(host)!);
    await eventually(() => said().includes('"progressPercent":50'), { what: 'an event' });
    await eventually(() => said().includes(`unknown task ${tasks.get(HIDDEN[0]!)}`), { what: 'a refusal' });
    await eventually(() => status2.latest()?.type === 'patch', { what: 'a patch' });
    expect(said()).not.toMatch(SECRETS);

    // A hidden host moves in…
    expect((await label(HIDDEN[0]!, 'db')).status).toBe(200);
    const showsMoved = (text: string) => text.includes(HIDDEN[0]!) || text.includes(tasks.get(HIDDEN[0]!)!);
    await eventually(() => streams.every(({ received }) => received.some(({ text }) => showsMoved(text))), {
      what: 'the host that moved in',
    });
    expect((await as(reader, 'GET', `/targets/${HIDDEN[0]}`)).status).toBe(200);
    expect(said()).not.toContain(HIDDEN[1]);

    // … and out again.
    expect((await label(HIDDEN[0]!, 'vault')).status).toBe(200);
    expect((await as(reader, 'GET', `/targets/${HIDDEN[0]}`)).status).toBe(404);
    await eventually(
      () =>
        status2.received.some(
          ({ message }) => message.type === 'patch' && message.removedHosts[0] === HIDDEN[0],
        ),
      { what: 'the host to be taken back' },
    );
    await eventually(() => !showsMoved(status1.received.at(-1)!.text), { what: 'version 1' });
    await eventually(() => !showsMoved(tasks1.received.at(-1)!.text), { what: 'the map' });
    const lastSnapshot = () => tasks2.received.findLast(({ message }) => message.type === 'snapshot');
    await eventually(() => !showsMoved(lastSnapshot()!.text), { what: 'a snapshot without its tasks' });
    const counts = streams.map(({ received }) => received.length);
    await progress(tasks.get(HIDDEN[0]!)!, 60);
    await progress(tasks.get(SEEN[0]!)!, 60);
    await eventually(
      () => streams.every(({ received }, index) => received.length > counts[index]! || index === 2),
      {
        what: 'news',
      },
    );
    const news = streams.flatMap(({ received }, index) =>
      received.slice(counts[index]!).map(({ text }) => text),
    );
    expect(news.filter(showsMoved)).toEqual([]);
  });

  it('does not see a host for what its agent says, only for what an operator sets', async () => {
    await using fleet = await startSimulatedFleet({
      redisUrl: redis.url,
      count: 1,
      intervalMs: 500,
      shape: () => ({ labels: { role: 'db' } }),
    });
    const [host] = fleet.hosts;
    const labelsOf = async () => (await asAdmin('GET', `/targets/${host}`)).json.labels;
    await eventually(async () => (await labelsOf())?.role === 'db', { what: 'the label of the agent' });
    expect((await asAdmin('GET', '/targets?selector=role%3Ddb,host%3D10.*')).json.targets).toHaveLength(1);
    expect((await as(reader, 'GET', `/targets/${host}`)).status).toBe(404);
    expect((await as(reader, 'GET', '/targets?selector=*')).json.targets).toHaveLength(SEEN.length);
    expect((await asAdmin('PATCH', `/targets/${host}`, { labels: { role: 'db' } })).status).toBe(200);
    expect((await as(reader, 'GET', `/targets/${host}`)).status).toBe(200);
    expect((await asAdmin('PATCH', `/targets/${host}`, { labels: { role: null } })).status).toBe(200);
    expect((await as(reader, 'GET', `/targets/${host}`)).status).toBe(404);
  });

  it('of no target sees none: the empty selector selects nothing', async () => {
    const blind = await makeToken(hub, { name: 'blind', role: 'viewer', reads: '' });
    expect((await as(blind, 'GET', '/targets')).json).toEqual({ targets: [] });
    expect(bodyOf(await as(blind, 'GET', '/tasks'))).toBe('{"tasks":{}}');
    expect(
      await (await hub.get('/metrics', { headers: { authorization: `Bearer ${blind.token}` } })).text(),
    ).not.toMatch(/host="/);
  });

  it('cannot be an admin, and its sessions and tickets see no more', async () => {
    const admin = await asAdmin('POST', '/tokens', { name: 'a', role: 'admin', reads: 'role=db' });
    expect(admin.json).toMatchObject({ status: 400, errors: [{ pointer: '/reads' }] });
    const link = await asAdmin('POST', '/auth/links', {
      scopes: { hosts: null, actions: null, reads: 'role=db' },
    });
    expect(link.json).toMatchObject({ status: 400, errors: [{ pointer: '/scopes/reads' }] });
    const bad = await asAdmin('POST', '/tokens', { name: 'a', role: 'viewer', reads: 'os=linux' });
    expect(bad.json).toMatchObject({ status: 400, errors: [{ pointer: '/reads' }] });
    const { json } = await ask(hub, 'POST', '/auth/tickets', { token: reader.token });
    using client = await openStatusClient(hub.url, { version: 1, protocols: ['booner.v1', json.ticket] });
    await eventually(() => client.latest(), { what: 'data' });
    expect(client.latest()?.deployment_targets.map(({ host }) => host)).toEqual(SEEN);
  });
});

const progress = async (task: string, percent = 50) =>
  expect((await asAdmin('PATCH', `/tasks/${task}`, { progress: percent })).status).toBe(200);
