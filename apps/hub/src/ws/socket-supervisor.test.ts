import { once } from 'node:events';
import { CLOSE_CODES } from '@booner/protocol';
import { createLogger } from '@booner/service';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ClientOptions, WebSocket } from 'ws';
import { startTestSockets, type TestPeer } from '../testing/test-sockets.ts';
import { encodeFrame } from './broadcast-frame.ts';
import type { ClientSocket } from './client-socket.ts';
import { type SocketOwner, SocketSupervisor } from './socket-supervisor.ts';

vi.setConfig({ testTimeout: 60_000 });
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

type Supervised = Pick<TestPeer, 'client'> & {
  readonly hubEnd: ClientSocket;
  readonly closed: Promise<number>;
};

type Owner = Partial<SocketOwner> & Pick<SocketOwner, 'credentialId'>;

type Options = { readonly isActive?: (credentialId: string) => boolean; readonly random?: () => number };

/** Real sockets under a supervisor whose clock the test moves. By default, pings come late. */
async function startSupervisor({ isActive = () => true, random = () => 1 }: Options = {}) {
  const sockets = await startTestSockets();
  const log = await createLogger({ name: 'test', level: 'silent' });
  const supervisor = new SocketSupervisor(log, isActive, random);
  const stop = new AbortController();
  const running = supervisor.run({ signal: stop.signal });
  const seen: string[] = [];
  const handlers = {
    receive: (_: ClientSocket, text: string) => void seen.push(text),
    refuse: (_: ClientSocket, detail: string) => void seen.push(`refused: ${detail}`),
    remove: () => void seen.push('removed'),
  };
  return {
    supervisor,
    seen,
    async connect(
      { owner = { credentialId: null }, ...options }: ClientOptions & { owner?: Owner } = {},
      ownHandlers: Parameters<SocketSupervisor['add']>[1] = handlers,
    ): Promise<Supervised> {
      const { client, socket } = await sockets.connect({ perMessageDeflate: false, ...options });
      const closed = once(client, 'close').then(([code]) => code as number);
      return { client, closed, hubEnd: supervisor.add(socket, ownHandlers, { account: '', ...owner }) };
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
      await sockets[Symbol.asyncDispose]();
    },
  };
}

/** Waits in real time: `expect.poll` would move the clock of the test. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/** Waits until both directions have carried everything that was sent before. */
async function roundTrip({ client }: Supervised): Promise<void> {
  const pong = once(client, 'pong');
  client.ping();
  await pong;
}

describe('a ping', () => {
  it('goes out with the next frame to a peer that was silent for 20 s', async () => {
    await using hub = await startSupervisor();
    const { client, hubEnd } = await hub.connect();
    const arrived: string[] = [];
    client.on('ping', () => arrived.push('ping'));
    client.on('message', () => arrived.push('message'));
    await vi.advanceTimersByTimeAsync(19_000);
    hubEnd.write(encodeFrame('first'));
    await vi.advanceTimersByTimeAsync(1000);
    hubEnd.write(encodeFrame('second'));
    hubEnd.write(encodeFrame('third'));
    await until(() => arrived.length === 4);
    expect(arrived).toEqual(['message', 'message', 'ping', 'message']);
  });

  it('goes out by itself when no frame follows within 4 s', async () => {
    await using hub = await startSupervisor();
    const { client } = await hub.connect();
    const pinged = once(client, 'ping');
    await vi.advanceTimersByTimeAsync(24_000);
    await pinged;
  });

  it('comes first at a random time, so that clients that connect together do not answer together', async () => {
    const randoms = [0.1, 0.3, 0.5, 0.7, 0.9];
    await using hub = await startSupervisor({ random: () => randoms.shift() ?? 1 });
    const peers = [];
    for (let at = 0; at < 5; at++) peers.push(await hub.connect());
    const pinged: number[] = [];
    for (const [at, { client }] of peers.entries()) client.on('ping', () => pinged.push(at));
    for (let expected = 0; expected < 5; expected++) {
      await vi.advanceTimersByTimeAsync(4000);
      for (const peer of peers) {
        peer.hubEnd.write(encodeFrame('a broadcast'));
        await roundTrip(peer);
      }
      expect(pinged).toEqual([0, 1, 2, 3, 4].slice(0, expected + 1));
    }
  });

  it('is not needed by a peer that sends something', async () => {
    await using hub = await startSupervisor();
    const peer = await hub.connect();
    let pings = 0;
    peer.client.on('ping', () => pings++);
    for (let round = 1; round <= 6; round++) {
      await vi.advanceTimersByTimeAsync(10_000);
      peer.client.send('here');
      await until(() => hub.seen.length === round);
    }
    peer.hubEnd.write(encodeFrame('a ping would come with this'));
    await roundTrip(peer);
    expect(pings).toBe(0);
  });

  it('that is answered keeps the connection', async () => {
    await using hub = await startSupervisor();
    const peer = await hub.connect();
    for (let round = 0; round < 4; round++) {
      const pinged = once(peer.client, 'ping');
      await vi.advanceTimersByTimeAsync(28_000);
      await pinged;
      await roundTrip(peer); // the pong that ws sends comes before this one
    }
    expect(peer.hubEnd.isOpen).toBe(true);
  });

  it('that is not answered within 30 s of silence closes with 4001', async () => {
    await using hub = await startSupervisor();
    const peer = await hub.connect({ autoPong: false });
    await vi.advanceTimersByTimeAsync(28_000);
    expect(peer.hubEnd.isOpen).toBe(true);
    await vi.advanceTimersByTimeAsync(2000);
    expect(await peer.closed).toBe(CLOSE_CODES.noPong);
    await until(() => hub.seen.length > 0);
    expect(hub.seen).toEqual(['removed']);
    expect(hub.supervisor.size).toBe(0);
  });
});

it('keeps a peer that takes bytes, though slowly, until it takes none for 30 s', async () => {
  await using hub = await startSupervisor();
  const { client, hubEnd } = await hub.connect({ autoPong: false });
  client.pause();
  hubEnd.write(encodeFrame('x'.repeat(2 ** 25))); // more than the kernel takes on loopback
  expect(hubEnd.bufferedBytes).toBeGreaterThan(0);
  await vi.advanceTimersByTimeAsync(28_000);
  client.resume();
  await until(() => hubEnd.bufferedBytes === 0);
  await vi.advanceTimersByTimeAsync(28_000);
  expect(hubEnd.isOpen).toBe(true);
  await vi.advanceTimersByTimeAsync(8000);
  expect(hubEnd.isOpen).toBe(false);
});

it('cuts a peer that does not answer the close within 2 s', async () => {
  await using hub = await startSupervisor();
  const { client, hubEnd } = await hub.connect();
  client.pause();
  await vi.advanceTimersByTimeAsync(31_000);
  expect([hubEnd.isOpen, hubEnd.isClosed]).toEqual([false, false]);
  await vi.advanceTimersByTimeAsync(2000);
  await until(() => hubEnd.isClosed);
});

describe('messages', () => {
  it('reach the stream as texts; a binary one is refused', async () => {
    await using hub = await startSupervisor();
    const { client } = await hub.connect();
    client.send('hello');
    client.send(Buffer.from('hello'));
    await until(() => hub.seen.length === 2);
    expect(hub.seen).toEqual(['hello', 'refused: messages are JSON texts: binary is not understood']);
  });

  it('are ignored by a stream that takes none', async () => {
    await using hub = await startSupervisor();
    const peer = await hub.connect({}, { remove: () => {} });
    peer.client.send('hello');
    peer.client.send(Buffer.from('hello'));
    await roundTrip(peer);
    expect(peer.hubEnd.isOpen).toBe(true);
  });

  it.for([
    ['texts', (peer: Supervised) => peer.client.send('.')],
    ['pings', (peer: Supervised) => peer.client.ping()],
    ['pongs', (peer: Supervised) => peer.client.pong()],
  ] as const)('close with 4002 when they are too many: %s', async ([, send]) => {
    await using hub = await startSupervisor();
    const peer = await hub.connect();
    const sendMany = async (count: number, last: string) => {
      for (let sent = 1; sent < count; sent++) await send(peer);
      peer.client.send(last);
      await until(() => hub.seen.at(-1) === last);
    };
    await sendMany(100, 'the burst');
    await vi.advanceTimersByTimeAsync(1000);
    await sendMany(20, 'what a second earns');
    expect(peer.hubEnd.isOpen).toBe(true);
    peer.client.send('one too many');
    expect(await peer.closed).toBe(CLOSE_CODES.rateLimited);
    expect(hub.seen).not.toContain('one too many');
  });
});

it.each([
  ['pings', 500, (client: WebSocket) => client.ping()],
  ['texts', 500, (client: WebSocket) => client.send('x'.repeat(100))],
] as const)('ends a flood of %s at once with a close frame that says why', async (what, count, send) => {
  await using hub = await startSupervisor();
  const { client } = await hub.connect();
  let pongs = 0;
  client.on('pong', () => pongs++);
  const closed = once(client, 'close');
  for (let sent = 0; sent < count; sent++) send(client);
  const [code, reason] = (await closed) as [number, Buffer];
  expect(code).toBe(CLOSE_CODES.rateLimited);
  expect(reason.toString()).toBe('more than 20 messages and pings a second, after a burst of 100');
  expect(pongs).toBe(what === 'pings' ? 100 : 0);
});

it('cuts a peer that goes on sending after the close frame', async () => {
  await using hub = await startSupervisor();
  const { client, hubEnd } = await hub.connect();
  client.pause(); // it does not read the close frame
  for (let sent = 0; sent < 11_000; sent++) client.ping();
  await until(() => hubEnd.isClosed);
});

describe('a credential that has ended', () => {
  it('closes its sockets with 1008, and no other', async () => {
    const ended = new Set<string>();
    await using hub = await startSupervisor({ isActive: (id) => !ended.has(id) });
    const revoked = await hub.connect({ owner: { credentialId: 'a' } });
    const other = await hub.connect({ owner: { credentialId: 'b' } });
    const open = await hub.connect();
    ended.add('a');
    hub.supervisor.closeEnded();
    expect(await revoked.closed).toBe(CLOSE_CODES.policyViolation);
    await until(() => hub.supervisor.size === 2);
    expect([other.hubEnd.isOpen, open.hubEnd.isOpen]).toEqual([true, true]);
  });

  it('closes a socket that opens after it', async () => {
    await using hub = await startSupervisor({ isActive: () => false });
    const { closed, hubEnd } = await hub.connect({ owner: { credentialId: 'a' } });
    expect(hubEnd.isOpen).toBe(false);
    expect(await closed).toBe(CLOSE_CODES.policyViolation);
  });
});

it('closes all sockets with a code and cuts those that do not answer', async () => {
  await using hub = await startSupervisor();
  const answering = await hub.connect();
  const stuck = await hub.connect();
  stuck.client.pause();
  let isDone = false;
  const closing = hub.supervisor.closeAll(CLOSE_CODES.goingAway, 'the hub stops').then(() => {
    isDone = true;
  });
  expect(await answering.closed).toBe(CLOSE_CODES.goingAway);
  await until(() => hub.supervisor.size === 1);
  expect(isDone).toBe(false);
  await vi.advanceTimersByTimeAsync(2000);
  await closing;
  expect(hub.supervisor.size).toBe(0);
});

it('closes with 4003 what exceeds the sockets of an account, and accepts more once some have closed', async () => {
  await using hub = await startSupervisor();
  const limits: string[] = [];
  const ownerOf = (account: string) => ({
    owner: { credentialId: null, account, maxSockets: 2, onLimit: (limit: string) => limits.push(limit) },
  });
  const [one, two] = [await hub.connect(ownerOf('a')), await hub.connect(ownerOf('a'))];
  const excess = await hub.connect(ownerOf('a'));
  expect(await excess.closed).toBe(CLOSE_CODES.tooManyStreams);
  const other = await hub.connect(ownerOf('b'));
  expect([one, two, other].map(({ hubEnd }) => hubEnd.isOpen)).toEqual([true, true, true]);
  expect([limits, [...hub.supervisor.limitsReached]]).toEqual([['streams'], [['streams', 1]]]);
  one.client.close();
  await until(() => hub.supervisor.size === 2);
  expect((await hub.connect(ownerOf('a'))).hubEnd.isOpen).toBe(true);
});
