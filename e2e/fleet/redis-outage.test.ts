import { hostIdSchema } from '@booner/protocol';
import {
  eventually,
  type HubProcess,
  openStatusClient,
  startAgent,
  startHub,
  startRedis,
  startTcpProxy,
} from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { connectOperator } from './operator.ts';
import { allActive, statusesOf, statusIn } from './statuses.ts';
import { throughout } from './throughout.ts';

const HOSTS = ['127.0.0.2', '127.0.0.3'] as const;
/** Longer than the 9.25 s of silence after which a target is offline. */
const OUTAGE_MS = process.env.BOONER_LONG === '1' ? 30_000 : 11_000;

type Readiness = { ready: boolean; reason: string | null };

const startBoth = (redisUrl: string) => Promise.all(HOSTS.map((hostId) => startAgent({ redisUrl, hostId })));

async function readiness(hub: HubProcess): Promise<Readiness & { code: number }> {
  const response = await hub.get('/readyz');
  return { code: response.status, ...((await response.json()) as Readiness) };
}

const untilReady = (hub: HubProcess) =>
  eventually(async () => (await readiness(hub)).code === 200, {
    what: 'the hub to be ready',
  });

const untilNotReady = (hub: HubProcess) =>
  eventually(async () => (await readiness(hub)).code === 503, {
    what: 'the hub to notice that Redis is down',
  });

/** The time at which the hub last received something from a target, by the hub's clock. */
async function lastSeenAtMs(hub: HubProcess, host: string): Promise<number> {
  return ((await (await hub.get(`/targets/${host}`)).json()) as { lastSeenAtMs: number }).lastSeenAtMs;
}

const untilHeardAfter = (hub: HubProcess, atMs: number) =>
  eventually(
    async () =>
      (await Promise.all(HOSTS.map((host) => lastSeenAtMs(hub, host)))).every((seen) => seen > atMs),
    { what: 'new samples of both agents' },
  );

describe.concurrent('when Redis stops and restarts', () => {
  it('empty after a long stop, clients stay connected, no host is falsely offline, and everything is registered again', async () => {
    await using redis = await startRedis();
    await using hub = await startHub({ redisUrl: redis.url });
    const [one, two] = await startBoth(redis.url);
    await using _one = one!;
    await using _two = two!;
    using client = await openStatusClient(hub.url, { version: 1 });
    await eventually(() => allActive(client.latest(), HOSTS), { what: 'both active' });

    await redis.stop();
    await untilNotReady(hub);
    expect((await readiness(hub)).reason).toMatch(/^Redis has been unavailable/);
    await throughout(OUTAGE_MS, async () => {
      expect(client.isOpen()).toBe(true);
      expect(await readiness(hub)).toMatchObject({ code: 503, reason: expect.stringMatching(/./) });
    });
    const backAtMs = Date.now();
    await redis.restart();
    await untilReady(hub);
    await untilHeardAfter(hub, backAtMs);
    using operator = connectOperator(redis.url);
    await eventually(
      async () => {
        const registrations = await operator.redis.hgetall('booner:targets');
        const targets = await operator.redis.keys('booner:target:*');
        return Object.keys(registrations).length === 2 && targets.length === 2;
      },
      { what: 'registrations and hashes to be stored again' },
    );
    expect(await operator.redis.hkeys(`booner:target:${HOSTS[0]}`)).toContain('inventory');
    expect(client.isOpen()).toBe(true);
    for (const host of HOSTS) expect(statusesOf(client.received, host)).toEqual(['active']);
  });

  it('after SIGKILL with its data, offline targets are still offline', async () => {
    await using redis = await startRedis({ appendonly: true, args: ['--appendfsync', 'always'] });
    await using hub = await startHub({ redisUrl: redis.url });
    const [living, leaving] = await startBoth(redis.url);
    await using _living = living!;
    await using _leaving = leaving!;
    using client = await openStatusClient(hub.url, { version: 1 });
    await eventually(() => allActive(client.latest(), HOSTS), { what: 'both active' });
    await leaving!.stop();
    using operator = connectOperator(redis.url);
    await eventually(
      async () => (await operator.redis.hget('booner:targets', HOSTS[1]))?.includes('"status":"offline"'),
      { what: 'the end of the second agent to be stored' },
    );

    const killedAtMs = Date.now();
    await redis.kill('SIGKILL');
    await untilNotReady(hub);
    await redis.restart();
    await untilReady(hub);
    await eventually(async () => (await lastSeenAtMs(hub, HOSTS[0])) > killedAtMs, {
      what: 'new samples',
    });
    expect(client.isOpen()).toBe(true);
    expect(statusesOf(client.received, HOSTS[0])).toEqual(['active']);
    expect(statusesOf(client.received, HOSTS[1])).toEqual(['active', 'offline']);
    expect(statusIn(client.latest(), HOSTS[1])).toBe('offline');
  });

  it('empty, a target that was offline stays in the fleet as offline', async () => {
    await using redis = await startRedis();
    await using hub = await startHub({ redisUrl: redis.url });
    await using agent = await startAgent({ redisUrl: redis.url, hostId: HOSTS[0] });
    using client = await openStatusClient(hub.url, { version: 1 });
    await eventually(() => allActive(client.latest(), [HOSTS[0]]), { what: 'activity' });
    await agent.stop();
    await eventually(() => statusIn(client.latest(), HOSTS[0]) === 'offline', {
      what: 'the goodbye',
    });
    await redis.restart();
    await untilReady(hub);
    using operator = connectOperator(redis.url);
    await eventually(() => operator.redis.hexists('booner:targets', HOSTS[0]), {
      what: 'the registration to be stored again',
    });
    expect(statusIn(client.latest(), HOSTS[0])).toBe('offline');
    expect(statusesOf(client.received, HOSTS[0])).toEqual(['active', 'offline']);
  });
});

describe.concurrent('a TCP black hole', () => {
  it('between hub and Redis is reported within 15 s, while clients keep the last data and its age', async () => {
    await using redis = await startRedis();
    await using proxy = await startTcpProxy({ targetPort: redis.port });
    await using hub = await startHub({ redisUrl: `redis://127.0.0.1:${proxy.port}` });
    const [one, two] = await startBoth(redis.url);
    await using _one = one!;
    await using _two = two!;
    using client = await openStatusClient(hub.url, { version: 1 });
    using client2 = await openStatusClient(hub.url, { version: 2 });
    await eventually(() => allActive(client.latest(), HOSTS), { what: 'both active' });

    proxy.pause();
    await untilNotReady(hub);
    const pausedAtMs = Date.now();
    const seenAtMs = await lastSeenAtMs(hub, HOSTS[0]);
    const receivedBefore = client.received.length;
    await throughout(OUTAGE_MS, async () => {
      expect((await readiness(hub)).code).toBe(503);
      expect(client.isOpen() && client2.isOpen()).toBe(true);
    });
    // The stream continues with the main server's values.
    expect(client.received.length).toBeGreaterThan(receivedBefore + 2);
    expect(await lastSeenAtMs(hub, HOSTS[0])).toBe(seenAtMs);
    expect(seenAtMs).toBeLessThan(pausedAtMs);
    const message = client2.latest();
    expect(message).toMatchObject({ type: 'patch', bus: expect.not.stringMatching(/^connected$/) });
    using newcomer = await openStatusClient(hub.url, { version: 2 });
    const snapshot = await eventually(() => newcomer.received[0]?.message, {
      what: 'the snapshot of a newcomer',
    });
    expect(snapshot).toMatchObject({
      type: 'snapshot',
      bus: 'disconnected',
      targets: HOSTS.map((host) => ({ host, status: 'active', lastSeenAtMs: expect.any(Number) })),
    });

    const backAtMs = Date.now();
    proxy.resume();
    await untilReady(hub);
    await untilHeardAfter(hub, backAtMs);
    await eventually(() => (client2.latest() as { bus?: string }).bus === 'connected', {
      what: 'version 2 to report that the bus is connected again',
    });
    expect(client.isOpen() && client2.isOpen()).toBe(true);
    for (const host of HOSTS) expect(statusesOf(client.received, host)).toEqual(['active']);
  });

  it('between an agent and Redis makes only that target offline, and the agent reconnects by itself', async () => {
    await using redis = await startRedis();
    await using proxy = await startTcpProxy({ targetPort: redis.port });
    await using hub = await startHub({ redisUrl: redis.url });
    await using agent = await startAgent({ redisUrl: `redis://127.0.0.1:${proxy.port}`, hostId: HOSTS[0] });
    await using _other = await startAgent({ redisUrl: redis.url, hostId: HOSTS[1] });
    using client = await openStatusClient(hub.url, { version: 1 });
    await eventually(() => allActive(client.latest(), HOSTS), { what: 'both active' });

    proxy.pause();
    await eventually(() => statusIn(client.latest(), HOSTS[0]) === 'offline', {
      what: 'the silent target to be offline',
    });
    await eventually(() => agent.logs().some(({ msg }) => msg.includes('samples are dropped')), {
      what: 'the agent to notice',
    });
    proxy.resume();
    await eventually(() => statusIn(client.latest(), HOSTS[0]) === 'active', {
      what: 'the target to be active again',
    });
    const target = (await (await hub.get(`/targets/${HOSTS[0]}`)).json()) as { sample: { instance: string } };
    expect(target.sample.instance).toBe(agent.instance);
    expect(statusesOf(client.received, hostIdSchema.parse(HOSTS[0]))).toEqual([
      'active',
      'offline',
      'active',
    ]);
    expect(statusesOf(client.received, HOSTS[1])).toEqual(['active']);
  });
});
