import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@booner/testkit';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { BoonerError, createBoonerClient } from './index.ts';
import { startClientBed } from './testing/client-bed.ts';

const COUNTDOWN = { host: '127.0.0.1', action: 'countdown', params: { seconds: 1 } } as const;

describe('a request', () => {
  it('makes one task although answers are lost and it is sent again', async () => {
    let lost = 0;
    await using bed = await startClientBed({
      async fetch(input, init) {
        const response = await fetch(input, init);
        if (init?.method === 'POST' && lost++ < 2) throw new TypeError('the connection was reset');
        return response;
      },
      random: () => 0,
    });
    const { client } = bed;
    const { taskId, status } = await client.createTask(COUNTDOWN);
    expect([lost, status]).toEqual([3, 'queued']);
    client.tasks.subscribe(() => {});
    await eventually(() => client.tasks.getSnapshot().isLoaded, { what: 'the tasks' });
    expect([...client.tasks.getSnapshot().tasks.keys()]).toEqual([taskId]);
    const again = await client.createTask({ ...COUNTDOWN, idempotencyKey: 'mine' });
    expect((await client.createTask({ ...COUNTDOWN, idempotencyKey: 'mine' })).taskId).toBe(again.taskId);
  });

  it('carries the trace context of its caller', async () => {
    await using bed = await startClientBed();
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const { taskId } = await bed.client.createTask({ ...COUNTDOWN, traceparent });
    expect(await bed.client.readTask(taskId)).toMatchObject({ traceparent });
    const { host, ...rollout } = COUNTDOWN;
    const id = await bed.client.startRollout({ ...rollout, selector: `host=${host}`, traceparent });
    const started = await eventually(
      async () => (await bed.client.readRollout(id)).hosts[0]?.taskId ?? undefined,
      { what: 'the task of the rollout' },
    );
    const task = await eventually(() => bed.client.readTask(started).catch(() => undefined), {
      what: 'the task',
    });
    expect(task).toMatchObject({ traceparent, rollout: id });
  });

  it("fails with the hub's message and a pointer to each issue", async () => {
    await using bed = await startClientBed();
    const { client } = bed;
    const invalid = { ...COUNTDOWN, params: { seconds: 'many' } };
    const error = await client.createTask(invalid).catch((cause) => cause);
    expect(error).toBeInstanceOf(BoonerError);
    expect(error).toMatchObject({ code: 'invalid', status: 422, errors: [{ pointer: '/params/seconds' }] });
    await expect(client.createTask({ ...COUNTDOWN, action: 'nothing' })).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(client.createTask({ ...COUNTDOWN, host: 'elsewhere' })).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(client.listActions('elsewhere')).rejects.toMatchObject({
      code: 'not_found',
      problem: { status: 404 },
    });
    const { taskId } = await client.createTask(COUNTDOWN);
    await eventually(async () => (await client.readTask(taskId)).status === 'completed', {
      what: 'the end',
    });
    await expect(client.cancelTask(taskId)).rejects.toMatchObject({ code: 'conflict', status: 409 });
    const { tasks, next } = await client.listTasks({ status: 'completed', host: '127.0.0.1', limit: 1 });
    expect([tasks.map(({ id }) => id), next]).toEqual([[taskId], null]);
    const { actions, online } = await client.listActions('127.0.0.1');
    expect([online, actions.map(({ name }) => name)]).toEqual([true, expect.arrayContaining(['countdown'])]);
    expect(await client.listRunners()).toEqual([
      { host: '127.0.0.1', conflict: false, actions: actions.map(({ name }) => name) },
    ]);
  });

  it('ends with its signal, and fails with a code without a hub', async () => {
    await using bed = await startClientBed();
    const { client, rest } = bed;
    rest.pause();
    const stop = new AbortController();
    const listing = client.listActions('127.0.0.1', { signal: stop.signal });
    stop.abort(new Error('left'));
    await expect(listing).rejects.toThrow('left');
    await expect(client.listActions('127.0.0.1')).rejects.toMatchObject({ code: 'timeout', status: null });
    rest.refuse();
    rest.cut();
    await expect(client.listActions('127.0.0.1')).rejects.toMatchObject({ code: 'unreachable' });
    const creating = client.createTask(COUNTDOWN, { signal: AbortSignal.timeout(300) });
    await expect(creating).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});

describe('a page of another origin', () => {
  it('learns which setting of the hub it may need', async () => {
    onTestFinished(() => void vi.unstubAllGlobals());
    vi.stubGlobal('location', { origin: 'http://localhost:5173' });
    const fetch = () => Promise.reject(new TypeError('Failed to fetch')); // as browsers say it
    const client = createBoonerClient({ url: 'http://localhost:8000', fetch });
    const hint = 'add http://localhost:5173 to its BOONER_ALLOWED_ORIGINS';
    await expect(client.readStatus()).rejects.toThrow(hint);
    const own = createBoonerClient({ fetch });
    await expect(own.readStatus()).rejects.toThrow(/^the hub cannot be reached$/);
  });
});

describe('a closed client', () => {
  it('sends nothing, ends what is under way, and says so', async () => {
    await using bed = await startClientBed();
    const { client, rest } = bed;
    const { taskId } = await client.createTask({ ...COUNTDOWN, params: { seconds: 60 } });
    const following = client.followLog(taskId).next();
    following.catch(() => {}); // awaited below
    rest.pause();
    const underWay = client.readStatus();
    client.close();
    const closed = { name: 'BoonerError', code: 'client_closed', message: 'this client is closed' };
    await expect(underWay).rejects.toMatchObject(closed);
    rest.resume();
    await expect(client.readTask(taskId)).rejects.toMatchObject(closed);
    await expect(client.createTask(COUNTDOWN)).rejects.toMatchObject(closed);
    await expect(following.then(() => client.followLog(taskId).next())).rejects.toMatchObject(closed);
    client.fleet.subscribe(() => {});
    client.reconnect();
    for (const store of [client.connection, ...Object.values(client.connections)]) {
      expect(store.getSnapshot()).toMatchObject({ type: 'offline', reason: { code: 'client_closed' } });
    }
  });
});

describe('a history', () => {
  it('is that of the main server, of a target, or some figures of several targets', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'booner-history-'));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    await using bed = await startClientBed({ hubEnv: { BOONER_HISTORY_DIR: directory } });
    const { client } = bed;
    await eventually(async () => (await client.readHistory('127.0.0.1')).times.length > 1, {
      what: 'two samples',
    });
    const one = await client.readHistory('127.0.0.1', { range: '1m' });
    expect(one).toMatchObject({ host: '127.0.0.1', intervalMs: 500 });
    expect(one.toMs - one.fromMs).toBe(60_000);
    expect(one.memoryUsedBytes[0]).toBeGreaterThan(0);
    expect(await client.readHistory(null)).toMatchObject({ host: null });
    const { targets } = await client.readFleetHistory({
      hosts: ['10.0.0.99', '127.0.0.1'],
      figures: ['cpuUsageRatio', 'memoryUsedBytes'],
      range: '1m',
    });
    expect(targets.map(({ host }) => host)).toEqual(['127.0.0.1']);
    const { times, memoryUsedBytes, ...others } = targets[0]!;
    expect(times.slice(0, one.times.length)).toEqual(one.times);
    expect(memoryUsedBytes.slice(0, one.times.length)).toEqual(one.memoryUsedBytes);
    expect(Object.keys(others).sort()).toEqual(['cpuUsageRatio', 'host', 'intervalMs']);

    const query = { span: { range: '5m' }, metrics: ['memoryUsedBytes', 'cpu'], points: 10 } as const;
    const series = await client.readSeries('127.0.0.1', query);
    expect(series).toMatchObject({ host: '127.0.0.1', stepMs: 30_000 });
    expect(series.series.find(({ metric }) => metric === 'memoryUsedBytes')?.max[0]).toBeGreaterThan(0);
    const { toMs } = series;
    const span = { fromMs: toMs - 60_000.5, toMs };
    expect(await client.readSeries(null, { span })).toMatchObject({ host: null, toMs, stepMs: null });
    const compared = await client.compareSeries(['10.0.0.99', '127.0.0.1'], query);
    expect(compared.targets.map(({ host }) => host)).toEqual(['127.0.0.1']);
    const highest = { metric: 'memory', span: { range: '24h' }, by: 'max' } as const;
    const ranking = await client.rankTargets(highest);
    expect(ranking).toMatchObject({
      metric: 'memoryUsageRatio',
      by: 'max',
      targets: [{ host: '127.0.0.1' }],
    });
    expect((await client.rankTargets({ ...highest, selector: '' })).targets).toEqual([]);
  });

  it('fails with what the hub says, and with its signal', async () => {
    await using bed = await startClientBed();
    const { client } = bed;
    await expect(client.readHistory('elsewhere')).rejects.toMatchObject({ code: 'not_found' });
    await expect(
      client.readFleetHistory({ hosts: ['a b'], figures: ['cpuUsageRatio'] }),
    ).rejects.toMatchObject({ code: 'invalid', errors: [{ pointer: '/hosts/0' }] });
    const signal = AbortSignal.abort(new Error('left'));
    await expect(client.readHistory(null, { signal })).rejects.toThrow('left');
    const span = { range: '7d' };
    await expect(client.readSeries(null, { span }, { signal })).rejects.toThrow('left');
    await expect(client.readSeries(null, { span })).rejects.toMatchObject({ status: 409 });
    const asking = client.readFleetHistory({ hosts: ['127.0.0.1'], figures: ['cpuUsageRatio'], signal });
    await expect(asking).rejects.toThrow('left');
  });
});

/** A server that is not a hub. Records requests, answers with texts and refuses upgrades. */
async function startForeignServer(status: number, text: string) {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    response.writeHead(status).end(text);
  });
  server.on('upgrade', (request, socket) => {
    requests.push(request);
    socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hubs/one`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('a client of something else', () => {
  it('shows its token and its tickets, keeps the path of the URL, and says that it is refused', async () => {
    await using server = await startForeignServer(
      401,
      '{"title":"No token","detail":"Sign in.","status":401}',
    );
    let tickets = 0;
    const client = createBoonerClient({
      url: server.url,
      token: () => 'secret',
      ticket: async () => `ticket-${++tickets}`,
    });
    client.fleet.subscribe(() => {});
    await eventually(() => client.connection.getSnapshot().type === 'offline', {
      what: 'the refusal',
    });
    expect(client.connection.getSnapshot().reason).toEqual({ code: 'refused', detail: 'Sign in.' });
    client.close();
    const upgrades = server.requests.filter(({ headers }) => headers.upgrade !== undefined);
    // Node.js itself repeats an upgrade that was answered by 401.
    const protocols = new Set(upgrades.map(({ headers }) => headers['sec-websocket-protocol']));
    expect([...protocols].slice(0, 2)).toEqual(['booner.v2, ticket-1', 'booner.v2, ticket-2']);
    expect(new Set(server.requests.map(({ headers }) => headers.authorization))).toEqual(
      new Set(['Bearer secret']),
    );
    expect(upgrades[0]!.url).toBe('/hubs/one/ws/system/status');
    expect(server.requests.map(({ url }) => url)).toContain('/hubs/one/system/status?version=2');
  });

  it('does not mistake another server for a hub', async () => {
    await using server = await startForeignServer(200, '<html>Sign in to the hotel</html>');
    const client = createBoonerClient({ url: server.url });
    await expect(client.listActions('10.0.0.2')).rejects.toMatchObject({ code: 'bad_answer', status: 200 });
    client.tasks.subscribe(() => {});
    await eventually(() => client.connection.getSnapshot().type === 'offline', {
      what: 'the verdict',
    });
    expect(client.connection.getSnapshot().reason).toMatchObject({
      code: 'failing',
      detail: expect.stringContaining('not a hub'),
    });
    client.close();
  });
});
