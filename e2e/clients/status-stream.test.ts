import { hostIdSchema, targetSchema, V2_SUBPROTOCOL } from '@booner/protocol';
import { eventually, type HubProcess, openStatusClient, startHub, startRedis } from '@booner/testkit';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { WebSocket } from 'ws';
import { registerFleet, type SimulatedFleet } from './simulated-fleet.ts';
import { pictureOf } from './status-picture.ts';

const INTERVAL_MS = 500;
/** The next tick comes after every deadline. */
const NEVER_MS = '600000';
const FLEET = { size: 40, labelLength: 60 };

const resources = new AsyncDisposableStack();
let hub: HubProcess;
let fleet: SimulatedFleet;

beforeAll(async () => {
  const redis = resources.use(await startRedis());
  fleet = resources.use(await registerFleet(redis.url, FLEET));
  const env = { BOONER_INTERVAL_MS: `${INTERVAL_MS}` };
  hub = resources.use(await startHub({ redisUrl: redis.url, env }));
  // Published repeatedly: what is published before the hub has subscribed is lost.
  const wholeFleetHeard = async () => {
    await fleet.publish(FLEET.size);
    return (await json<{ agents: object[] }>('/agents')).agents.length === FLEET.size;
  };
  await eventually(wholeFleetHeard, { everyMs: 100, what: 'the whole fleet' });
});
afterAll(() => resources.disposeAsync());

const json = async <Body>(path: string): Promise<Body> => (await hub.get(path)).json() as Promise<Body>;

const open = (version: 1 | 2, options: { perMessageDeflate?: boolean } = {}) =>
  version === 1
    ? openStatusClient(hub.url, { version, ...options })
    : openStatusClient(hub.url, { version, ...options });

describe.concurrent('the status stream', () => {
  it.for([1, 2] as const)('sends version %i at once on connect', async (version, { expect }) => {
    await using slowHub = await startHub({ env: { BOONER_INTERVAL_MS: NEVER_MS } });
    for (let attempt = 0; attempt < 3; attempt++) {
      using client =
        version === 1
          ? await openStatusClient(slowHub.url, { version })
          : await openStatusClient(slowHub.url, { version });
      await eventually(() => client.latest(), { what: 'a first frame' });
      const [first] = client.received;
      if (version === 2) expect(first?.message).toMatchObject({ type: 'snapshot', bus: 'connected' });
    }
  });

  it.for([1, 2] as const)(
    'sends the same texts of version %i to all, compressed or not',
    async (version, { expect }) => {
      using plain = await open(version, { perMessageDeflate: false });
      using deflated = await open(version, { perMessageDeflate: true });
      using another = await open(version, { perMessageDeflate: true });
      expect(plain.socket.extensions).toBe('');
      expect(deflated.socket.extensions).toContain('permessage-deflate');
      const clients = [plain, deflated, another];
      const publishing = setInterval(() => void fleet.publish(FLEET.size), INTERVAL_MS);
      await eventually(() => clients.every(({ received }) => received.length >= 6), {
        what: 'some ticks',
      });
      clearInterval(publishing);
      const texts = clients.map(({ received }) => received.map(({ text }) => text));
      const some = texts[2]!.slice(1, 5); // the last to connect, after its first message
      for (const list of texts) {
        const stretches = list.map((_, index) => list.slice(index, index + some.length));
        expect(stretches).toContainEqual(some);
      }
    },
  );

  it('of version 1 is what GET /system/status shows', async ({ expect }) => {
    using client = await open(1);
    await eventually(
      async () => {
        const text = await (await hub.get('/system/status')).text();
        return client.received.at(-1)?.text === text;
      },
      { what: 'one broadcast by both ways' },
    );
    expect(client.received.length).toBeGreaterThan(0);
  });

  it('of version 2 adds up to what GET /targets shows', async ({ expect }) => {
    using client = await openStatusClient(hub.url, { version: 2 });
    await eventually(() => client.received.length > 0, { what: 'a snapshot' });
    client.socket.send(JSON.stringify({ type: 'subscribe', detail: 'full' }));
    for (let round = 0; round < 4; round++) {
      await fleet.publish(FLEET.size / (round + 1));
      const seen = client.received.length;
      await eventually(() => client.received.length > seen, { what: 'a broadcast' });
    }
    const same = async () => {
      const { targets } = await json<{ targets: unknown[] }>('/targets');
      const picture = pictureOf(client.received.map(({ message }) => message));
      expect([...picture.targets.values()]).toEqual(targets.map((target) => targetSchema.parse(target)));
      return picture;
    };
    const picture = await eventually(same, {
      everyMs: 50,
      what: 'the same by both ways',
    });
    expect(picture.targets.size).toBe(FLEET.size);
    expect(picture.missed).toBe(0);
  });

  it('narrows to the hosts of a subscription, in the requested detail, and widens again', async ({
    expect,
  }) => {
    using client = await openStatusClient(hub.url, { version: 2 });
    const snapshots = () =>
      client.received.map(({ message }) => message).filter((message) => message.type === 'snapshot');
    const subscribe = async (message: object) => {
      const count = snapshots().length;
      client.socket.send(JSON.stringify({ type: 'subscribe', ...message }));
      await eventually(() => snapshots().length > count, { what: 'a snapshot' });
      return snapshots().at(-1);
    };
    await eventually(() => client.latest(), { what: 'a snapshot' });
    expect(snapshots()[0]?.targets).toHaveLength(FLEET.size);
    const [first, second] = fleet.hosts;
    const narrow = await subscribe({ hosts: [first, second, second, '10.9.9.9'], detail: 'full' });
    expect(narrow?.targets.map(({ host }) => host)).toEqual([first, second]);
    expect(narrow?.targets.every((target) => 'sample' in target && target.sample !== null)).toBe(true);
    const seen = client.received.length;
    await fleet.publish(FLEET.size);
    await eventually(
      () =>
        client.received
          .slice(seen)
          .some(({ message }) => message.type === 'patch' && message.targets.length > 0),
      { what: 'a patch' },
    );
    for (const { message } of client.received.slice(seen)) {
      if (message.type === 'patch') expect(message.targets.length).toBeLessThanOrEqual(2);
    }
    expect((await subscribe({ hosts: [] }))?.targets).toEqual([]);
    const wide = await subscribe({});
    expect(wide?.targets).toHaveLength(FLEET.size);
    expect(wide?.targets.some((target) => 'sample' in target)).toBe(false);
    expect(hostIdSchema.safeParse(wide?.targets[0]?.host).success).toBe(true);
    pictureOf(client.received.map(({ message }) => message));
  });

  it('echoes only the subprotocol of version 2, whatever else is offered', async ({ expect }) => {
    const protocolOf = async (offered: string[]) => {
      const socket = new WebSocket(`${hub.wsUrl}/ws/system/status`, offered);
      let error: Error | null = null;
      socket.on('error', (cause) => {
        error = cause;
      });
      await eventually(() => error !== null || socket.readyState === WebSocket.OPEN, {
        what: 'a handshake',
      });
      const { protocol } = socket;
      socket.terminate();
      return { protocol, error: (error as Error | null)?.message ?? null };
    };
    expect(await protocolOf([V2_SUBPROTOCOL])).toEqual({ protocol: V2_SUBPROTOCOL, error: null });
    expect(await protocolOf(['other', V2_SUBPROTOCOL])).toEqual({ protocol: V2_SUBPROTOCOL, error: null });
    expect(await protocolOf([])).toEqual({ protocol: '', error: null });
    expect(await protocolOf(['booner.v9'])).toMatchObject({
      error: expect.stringContaining('no subprotocol'),
    });
  });

  it('answers 426 to a plain GET', async ({ expect }) => {
    const answer = await hub.get('/ws/system/status');
    expect(answer.status).toBe(426);
    expect(answer.headers.get('upgrade')).toBe('websocket');
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });
});
