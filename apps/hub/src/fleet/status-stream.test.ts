import { type HostId, hostIdSchema, NOTHING_MEASURED, type StatusServerMessage } from '@booner/protocol';
import { expect, it, vi } from 'vitest';
import { recordingLog } from '../testing/recording-log.ts';
import { startTestSockets, type TestPeer } from '../testing/test-sockets.ts';
import { Fleet } from './fleet.ts';
import { MainServerState } from './main-server.ts';
import { StatusStream } from './status-stream.ts';

const [HOST, OTHER] = ['10.0.0.2', '10.0.0.3'].map((host) => hostIdSchema.parse(host)) as [HostId, HostId];

vi.setConfig({ testTimeout: 60_000 });

function startStream({ isLoaded = true } = {}) {
  let sequence = 0;
  const fleet = new Fleet({ intervalMs: 3000, now: () => ({ monotonicMs: 0, wallMs: 0 }) });
  if (isLoaded) fleet.onCatchUp([], new Map());
  const mainServer = new MainServerState();
  const stream = new StatusStream({
    fleet,
    mainServer,
    busState: () => 'connected',
    waitingFor: () => 'no reason',
    intervalMs: 3000,
    nowWallMs: () => 0,
    log: recordingLog().log,
  });
  const receive = (host: HostId) => {
    const head = { type: 'sample', host, instance: 'a', sequence: ++sequence, sampledAtMs: 0 } as const;
    const sample = { ...NOTHING_MEASURED, ...head, intervalMs: 3000, inventoryTakenAtMs: null };
    fleet.onSample(sample, JSON.stringify(sample));
  };
  /** Has the next broadcast fail after it took what changed. */
  const failOnce = () => {
    vi.spyOn(mainServer, 'version1').mockImplementationOnce(() => {
      throw new Error('broken once');
    });
  };
  /** Calls a function while the next broadcast is encoded. */
  const meanwhile = (then: () => void) => {
    vi.spyOn(mainServer, 'version1').mockImplementationOnce(() => {
      then();
      return mainServer.version1();
    });
  };
  return { stream, fleet, receive, failOnce, meanwhile };
}

type Shown = Extract<StatusServerMessage, { type: 'snapshot' | 'patch' }>;

const arrived = ({ received }: TestPeer, count: number) => expect.poll(() => received.length).toBe(count);
const messagesOf = ({ received }: TestPeer) => received.map((text) => JSON.parse(text) as Shown);
const shownBy = (peer: TestPeer) =>
  messagesOf(peer).map(({ type, targets }) => [type, ...(targets ?? []).map(({ host }) => host)]);

it('shows version 2 clients everything after a broadcast failed', async () => {
  await using sockets = await startTestSockets();
  const peer = await sockets.connect();
  const { stream, receive, failOnce } = startStream();
  stream.version2.add(peer.hubEnd);
  await arrived(peer, 1);
  receive(HOST);
  failOnce();
  await expect(stream.broadcast()).rejects.toThrow('broken once');
  receive(OTHER);
  await stream.broadcast();
  await arrived(peer, 2);
  await stream.broadcast();
  await expect.poll(() => peer.received.length).toBe(3);
  expect(shownBy(peer)).toEqual([['snapshot'], ['snapshot', HOST, OTHER], ['patch']]);
  expect(stream.counts.broadcasts).toBe(3);
});

it('sends a subscription its own view, and a snapshot when it changes', async () => {
  await using sockets = await startTestSockets();
  const peer = await sockets.connect();
  const { stream, receive } = startStream();
  receive(HOST);
  receive(OTHER);
  await stream.broadcast();
  stream.version2.add(peer.hubEnd);
  await arrived(peer, 1);
  stream.version2.receive(peer.hubEnd, JSON.stringify({ type: 'subscribe', hosts: [OTHER] }));
  await arrived(peer, 2);
  receive(HOST);
  await stream.broadcast();
  receive(OTHER);
  await stream.broadcast();
  await expect.poll(() => peer.received.length).toBe(4);
  expect(shownBy(peer)).toEqual([
    ['snapshot', HOST, OTHER],
    ['snapshot', OTHER],
    ['patch'],
    ['patch', OTHER],
  ]);
});

it('skips a client that has not drained, and shows it everything once it has', async () => {
  await using sockets = await startTestSockets();
  const peer = await sockets.connect({ perMessageDeflate: false });
  const { stream, receive } = startStream();
  stream.version2.add(peer.hubEnd);
  await arrived(peer, 1);
  peer.client.pause();
  receive(HOST);
  // More than the kernel takes on loopback.
  peer.socket.send('x'.repeat(2 ** 25), { compress: false });
  await stream.broadcast();
  expect(stream.counts).toEqual({ broadcasts: 1, framesWritten: 0, framesSkipped: 1 });
  peer.client.resume();
  await expect.poll(() => peer.hubEnd.hasDrained).toBe(true);
  await stream.broadcast();
  await expect.poll(() => peer.received.length).toBe(3);
  expect(JSON.parse(peer.received[2]!)).toMatchObject({ type: 'snapshot', targets: [{ host: HOST }] });
});

it('sends version 1 clients nothing and version 2 clients the reason until the fleet is loaded', async () => {
  await using sockets = await startTestSockets();
  const [one, two] = [await sockets.connect(), await sockets.connect()];
  const { stream, fleet } = startStream({ isLoaded: false });
  stream.version1.add(one.hubEnd);
  stream.version2.add(two.hubEnd);
  await stream.broadcast();
  fleet.onCatchUp([], new Map());
  await stream.broadcast();
  await expect.poll(() => one.received.length + two.received.length).toBe(4);
  expect(JSON.parse(one.received[0]!)).toHaveProperty('deployment_targets');
  const waiting = { type: 'waiting', reason: 'no reason' };
  expect(messagesOf(two)).toMatchObject([waiting, waiting, { type: 'snapshot' }]);
});

it('sends the first broadcast to version 1 clients that connect while it is encoded', async () => {
  await using sockets = await startTestSockets();
  const peer = await sockets.connect();
  const { stream, meanwhile } = startStream();
  meanwhile(() => stream.version1.add(peer.hubEnd));
  await stream.broadcast();
  await arrived(peer, 1);
});

it('forgets clients that are gone', async () => {
  await using sockets = await startTestSockets();
  const { stream } = startStream();
  const [one, two] = [await sockets.connect(), await sockets.connect()];
  stream.version1.add(one.hubEnd);
  stream.version2.add(two.hubEnd);
  expect(stream.clientCounts).toEqual({ version1: 1, version2: 1 });
  stream.version1.remove(one.hubEnd);
  stream.version2.remove(two.hubEnd);
  expect(stream.clientCounts).toEqual({ version1: 0, version2: 0 });
  await stream.broadcast();
  expect(stream.counts.framesWritten).toBe(0);
});
