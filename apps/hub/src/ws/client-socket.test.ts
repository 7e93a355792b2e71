import { once } from 'node:events';
import { CLOSE_CODES } from '@booner/protocol';
import { expect, it, vi } from 'vitest';
import { startTestSockets } from '../testing/test-sockets.ts';
import { encodeFrame } from './broadcast-frame.ts';

/** More than the kernel takes for a stuck connection on loopback. */
const HUGE = encodeFrame('x'.repeat(2 ** 25));
const KIB_64 = encodeFrame('y'.repeat(2 ** 16));

vi.setConfig({ testTimeout: 60_000 });

async function startStuckPeer() {
  const sockets = await startTestSockets();
  const peer = await sockets.connect({ perMessageDeflate: false });
  peer.client.pause();
  return { ...peer, [Symbol.asyncDispose]: () => sockets[Symbol.asyncDispose]() };
}

it('writes nothing more to a client that has not drained', async () => {
  await using peer = await startStuckPeer();
  expect(peer.hubEnd.write(HUGE)).toBe('written');
  expect(peer.hubEnd.hasDrained).toBe(false);
  const { bufferedBytes } = peer.hubEnd;
  expect(peer.hubEnd.write(KIB_64)).toBe('skipped');
  expect(peer.hubEnd.bufferedBytes).toBe(bufferedBytes);
});

it('closes with 4000 a client that is pushed more than 1 MiB ahead, not counting what was written', async () => {
  await using peer = await startStuckPeer();
  const closed = once(peer.client, 'close');
  peer.hubEnd.write(HUGE);
  let pushed = 0;
  while (peer.hubEnd.push(KIB_64) === 'written' && pushed < 100) pushed++;
  expect(pushed).toBe(16); // 16 frames have headers, so they are just over 1 MiB
  expect(peer.hubEnd.isOpen).toBe(false);
  expect(peer.hubEnd.push(KIB_64)).toBe('gone');
  peer.client.resume();
  expect((await closed)[0]).toBe(CLOSE_CODES.tooSlow);
  expect(peer.received).toHaveLength(17);
});

it('counts all that a client has not read after it had drained in between', async () => {
  await using peer = await startStuckPeer();
  peer.hubEnd.write(HUGE);
  peer.client.resume();
  await expect.poll(() => peer.hubEnd.hasDrained).toBe(true);
  peer.client.pause();
  let pushed = 0;
  while (peer.hubEnd.push(KIB_64) === 'written' && pushed < 1000) pushed++;
  expect(peer.hubEnd.bufferedBytes).toBeGreaterThan(2 ** 20);
  expect(peer.hubEnd.bufferedBytes).toBeLessThan(2 ** 20 + 2 * KIB_64.plain.length);
});

it('calls back when the client has drained: at once, or once it reads', async () => {
  await using peer = await startStuckPeer();
  const calls: string[] = [];
  peer.hubEnd.whenDrained(() => calls.push('at once'));
  expect(calls).toEqual(['at once']);
  peer.hubEnd.write(HUGE);
  peer.hubEnd.whenDrained(() => calls.push(`drained: ${peer.hubEnd.hasDrained}`));
  expect(calls).toHaveLength(1);
  peer.client.resume();
  await expect.poll(() => calls).toEqual(['at once', 'drained: true']);
});

it('never calls back for a connection that is lost', async () => {
  await using peer = await startStuckPeer();
  let calls = 0;
  peer.hubEnd.write(HUGE);
  peer.hubEnd.whenDrained(() => calls++);
  const closed = once(peer.socket, 'close');
  peer.client.terminate();
  await closed;
  await new Promise(setImmediate);
  peer.hubEnd.whenDrained(() => calls++);
  expect(calls).toBe(0);
  expect(peer.hubEnd.write(KIB_64)).toBe('skipped');
});
