import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { startTestSockets, type TestPeer } from '../testing/test-sockets.ts';
import { encodeFrame, encodeList } from './broadcast-frame.ts';
import type { ClientSocket } from './client-socket.ts';
import { fanOut } from './fan-out.ts';
import { Turns } from './turns.ts';

vi.setConfig({ testTimeout: 60_000 });

const texts = [
  'short',
  'é'.repeat(100),
  'x'.repeat(125),
  'y'.repeat(126),
  JSON.stringify('z°'.repeat(30_000)),
  'w'.repeat(300_000),
];

describe('a frame that is encoded once', () => {
  it('reads the same at clients with and without compression, at all lengths of header', async () => {
    await using sockets = await startTestSockets();
    const offers = [
      { perMessageDeflate: false },
      { perMessageDeflate: true },
      { perMessageDeflate: { serverMaxWindowBits: 10 } },
    ];
    const peers: TestPeer[] = [];
    for (const offer of [...offers, ...offers]) peers.push(await sockets.connect(offer));
    const compressed = peers.map(({ client }) => client.extensions !== '');
    expect(compressed).toEqual([false, true, true, false, true, true]);
    const clients = peers.map(({ hubEnd }) => hubEnd);
    for (const [index, text] of texts.entries()) {
      expect(await fanOut(clients, encodeFrame(text))).toEqual({ written: clients.length, skipped: 0 });
      const haveAll = () => peers.every(({ received }) => received.length === index + 1);
      await expect.poll(haveAll).toBe(true);
    }
    for (const { received } of peers) expect(received).toEqual(texts);
  });

  it('is the same whether it is encoded whole or as a list', async () => {
    const items = ['1', '"z°"', JSON.stringify('w'.repeat(300_000))];
    for (const count of [0, 1, 2, 3]) {
      const listed = { before: '{"list":[', items: items.slice(0, count), after: ']}' };
      const whole = encodeFrame(`{"list":[${listed.items.join(',')}]}`);
      const frame = await encodeList(listed, new Turns(0));
      expect(frame.plain.equals(whole.plain)).toBe(true);
      await frame.deflateAhead();
      expect(frame.deflated().equals(whole.deflated())).toBe(true);
      expect(JSON.parse(frame.payload.toString()).list).toHaveLength(count);
    }
  });

  it('is smaller on the wire where compression was negotiated', () => {
    const frame = encodeFrame(
      JSON.stringify(Array.from({ length: 200 }, (_, n) => ({ host: `10.0.0.${n}`, status: 'active' }))),
    );
    expect(frame.deflated().length).toBeLessThan(frame.plain.length / 4);
    expect(encodeFrame('short').deflated()).toEqual(encodeFrame('short').plain);
  });

  it('mixes with messages that ws itself sends', async () => {
    await using sockets = await startTestSockets();
    const { socket, hubEnd, received } = await sockets.connect({ perMessageDeflate: true });
    socket.send('first', { compress: false });
    await expect.poll(() => received.length).toBe(1);
    expect(hubEnd.write(encodeFrame('second '.repeat(500)))).toBe('written');
    await expect.poll(() => received.length).toBe(2);
    expect(received).toEqual(['first', 'second '.repeat(500)]);
  });
});

describe('a fan-out', () => {
  it('leaves out a client that does not read, and no other', async () => {
    await using sockets = await startTestSockets();
    const stuck = await sockets.connect();
    const reader = await sockets.connect();
    stuck.client.pause();
    const frame = encodeFrame(JSON.stringify(randomBytes(2 ** 20).toString('base64')));
    const skipped: ClientSocket[] = [];
    let rounds = 0;
    while (skipped.length === 0 && rounds < 100) {
      rounds++;
      await fanOut([stuck.hubEnd, reader.hubEnd], frame, { onSkipped: (client) => skipped.push(client) });
      await expect.poll(() => reader.received.length).toBe(rounds);
    }
    expect(skipped).toEqual([stuck.hubEnd]);
    expect(stuck.hubEnd.bufferedBytes).toBeLessThanOrEqual(frame.plain.length);
  });

  it('skips sockets that are closed', async () => {
    await using sockets = await startTestSockets();
    const { hubEnd: gone } = await sockets.connectGone();
    expect(await fanOut([gone], encodeFrame('late'))).toEqual({ written: 0, skipped: 1 });
  });

  it('lets other work of the process run in between', async () => {
    await using sockets = await startTestSockets();
    const { hubEnd: gone } = await sockets.connectGone();
    let turns = 0;
    let counting = true;
    const count = () => {
      turns++;
      if (counting) setImmediate(count);
    };
    setImmediate(count);
    await fanOut(Array(20).fill(gone), encodeFrame('x'), { turns: new Turns(0) });
    counting = false;
    expect(turns).toBeGreaterThanOrEqual(5);
  });
});

it('refuses a frame over 64 KiB, which no client of the hub sends', async () => {
  await using sockets = await startTestSockets();
  const { client } = await sockets.connect();
  const closed = once(client, 'close');
  client.send('x'.repeat(65 * 1024));
  const [code] = (await closed) as [number];
  expect(code).toBe(1009);
});
