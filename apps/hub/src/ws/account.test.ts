import { once } from 'node:events';
import { CLOSE_CODES } from '@booner/protocol';
import { expect, it, vi } from 'vitest';
import { startTestSockets } from '../testing/test-sockets.ts';
import { Account } from './account.ts';
import { encodeFrame } from './broadcast-frame.ts';

const BYTES = 2 ** 24 - 100; // four, with headers, are just below the limit

vi.setConfig({ testTimeout: 60_000 });

const newFrame = () => encodeFrame('x'.repeat(BYTES));

/** Clients of one account that do not read. */
async function startStuckPeers(count: number) {
  const sockets = await startTestSockets();
  const limits: string[] = [];
  const account = new Account({ onLimit: (limit) => limits.push(limit) });
  const peers = [];
  for (let index = 0; index < count; index++) {
    const peer = await sockets.connect({ perMessageDeflate: false }, account);
    peer.socket.on('close', () => peer.hubEnd.release());
    peer.client.pause();
    peers.push(peer);
  }
  return { peers, limits, [Symbol.asyncDispose]: () => sockets[Symbol.asyncDispose]() };
}

it('counts a frame once, however many clients have not read it', async () => {
  await using account = await startStuckPeers(6);
  const frame = newFrame();
  for (const { hubEnd } of account.peers) expect(hubEnd.write(frame)).toBe('written');
  expect(account.limits).toEqual([]);
  expect(account.peers.every(({ hubEnd }) => hubEnd.isOpen)).toBe(true);
});

it('closes with 4000 the client that is behind for longest, and writes nothing until there is room', async () => {
  await using account = await startStuckPeers(6);
  const [slowest, ...others] = account.peers;
  const last = others.pop();
  const closed = once(slowest!.client, 'close');
  slowest!.hubEnd.write(newFrame());
  for (const { hubEnd } of others) expect(hubEnd.write(newFrame())).toBe('written');
  expect(account.limits).toEqual(['unread']);
  expect(slowest!.hubEnd.isOpen).toBe(false);
  expect(others.every(({ hubEnd }) => hubEnd.isOpen)).toBe(true);
  expect(last!.hubEnd.write(newFrame())).toBe('skipped');
  expect(last!.hubEnd.push(encodeFrame('small'))).toBe('written');
  slowest!.client.resume();
  const [code, reason] = await closed;
  expect([code, `${reason}`]).toEqual([CLOSE_CODES.tooSlow, expect.stringContaining('read faster')]);
  await expect.poll(() => last!.hubEnd.write(encodeFrame('again'))).toBe('written');
});

it('has room again once its clients have read', async () => {
  await using account = await startStuckPeers(4);
  for (let round = 1; round <= 3; round++) {
    for (const { client, hubEnd } of account.peers) {
      client.pause();
      await expect.poll(() => hubEnd.write(newFrame())).toBe('written');
    }
    for (const { client } of account.peers) client.resume();
    await expect.poll(() => account.peers.every(({ hubEnd }) => hubEnd.hasDrained)).toBe(true);
  }
  expect(account.limits).toEqual([]);
});
