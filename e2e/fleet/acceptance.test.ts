import { inventorySchema, registrationSchema, sampleSchema } from '@booner/protocol';
import { eventually, openStatusClient, startAgent, startHub, startRedis } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { connectOperator, listenToBus } from './operator.ts';
import { allActive, statusesOf, statusIn } from './statuses.ts';

const HOSTS = ['127.0.0.2', '127.0.0.3'] as const;
const [KILLED, STOPPED] = HOSTS;
const INTERVAL_MS = 3000;
/** Silence is noticed only after every deadline. */
const SELDOM = { BOONER_INTERVAL_MS: '60000' };

describe.concurrent('a hub and two agents at the default cadence', () => {
  it('show both as active, one as offline 3 intervals after its death, one when it says goodbye', async () => {
    await using redis = await startRedis();
    await using hub = await startHub({ redisUrl: redis.url });
    using client = await openStatusClient(hub.url, { version: 1 });
    using bus = await listenToBus(redis.url);
    const [killed, stopped] = await Promise.all(
      HOSTS.map((hostId) =>
        startAgent({ redisUrl: redis.url, hostId, env: hostId === STOPPED ? SELDOM : {} }),
      ),
    );
    await using _killed = killed!;
    await using _stopped = stopped!;
    await eventually(() => allActive(client.latest(), HOSTS), {
      what: 'both targets to be active',
    });

    await killed!.kill('SIGKILL');
    const lastHeardMs = bus.ofHost(KILLED).at(-1)!.atMs;
    const offlineAtMs = await eventually(
      () => client.received.find(({ message }) => statusIn(message, KILLED) === 'offline')?.atMs,
      { what: 'the killed agent to be offline' },
    );
    expect(offlineAtMs - lastHeardMs).toBeGreaterThan(3 * INTERVAL_MS);
    expect(statusIn(client.latest(), STOPPED)).toBe('active');
    expect(await (await hub.get('/agents')).json()).toMatchObject({
      agents: [{ name: STOPPED, status: 'active' }],
    });

    const stopping = stopped!.stop();
    await eventually(() => statusIn(client.latest(), STOPPED) === 'offline', {
      what: 'the stopped agent to be offline',
    });
    expect(await stopping).toEqual({ code: 0, signal: null });
    await eventually(() => JSON.parse(bus.ofHost(STOPPED).at(-1)!.text).type === 'bye', {
      what: 'the goodbye on the channel',
    });
    expect(client.isOpen()).toBe(true);
    for (const host of HOSTS) expect(statusesOf(client.received, host)).toEqual(['active', 'offline']);
  });

  it('leave in Redis what an operator can read', async () => {
    await using redis = await startRedis();
    await using _hub = await startHub({ redisUrl: redis.url });
    using bus = await listenToBus(redis.url);
    using operator = connectOperator(redis.url);
    await using agent = await startAgent({
      redisUrl: redis.url,
      hostId: KILLED,
      env: { BOONER_LABEL: 'Größe 中' },
    });
    const hash = await eventually(
      async () => {
        const fields = await operator.redis.hgetall(`booner:target:${KILLED}`);
        return fields.sample && fields.inventory ? fields : null;
      },
      { what: 'sample and inventory in the hash of the target' },
    );
    expect(Object.keys(hash).sort()).toEqual(['inventory', 'sample', 'version']);
    const stored = sampleSchema.parse(JSON.parse(hash.sample!));
    expect(stored).toMatchObject({ host: KILLED, instance: agent.instance, intervalMs: INTERVAL_MS });
    expect(inventorySchema.parse(JSON.parse(hash.inventory!))).toMatchObject({
      label: 'Größe 中',
      agentVersion: hash.version,
    });
    const first = await eventually(() => bus.ofHost(KILLED)[0], { what: 'the first message' });
    expect(sampleSchema.parse(JSON.parse(first.text))).toMatchObject({ host: KILLED, sequence: 1 });

    const registration = await eventually(
      async () => (await operator.redis.hgetall('booner:targets'))[KILLED],
      {
        what: 'the registration',
      },
    );
    const { status, firstSeenAtMs, lastSeenAtMs } = registrationSchema.parse(JSON.parse(registration));
    expect(status).toBe('active');
    expect(Math.abs(firstSeenAtMs! - Date.now())).toBeLessThan(30_000);
    expect(lastSeenAtMs).toBeGreaterThanOrEqual(firstSeenAtMs!);
  });
});
