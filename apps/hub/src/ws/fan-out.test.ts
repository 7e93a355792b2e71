import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { encodeFrame, writeFrame } from './broadcast-frame.ts';
import { fanOut } from './fan-out.ts';
import { createWebSocketServer } from './web-socket-server.ts';

/** A real server with the hub's own options and its clients, on loopback. */
async function startPeers(clientOptions: readonly (object | undefined)[]) {
  const { options } = createWebSocketServer();
  const server = new WebSocketServer({ ...options, noServer: false, port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const peers: { client: WebSocket; socket: WebSocket; received: string[] }[] = [];
  for (const options of clientOptions) {
    const accepted = once(server, 'connection');
    const client = new WebSocket(`ws://127.0.0.1:${port}`, options as object);
    const received: string[] = [];
    client.on('message', (data) => received.push(data.toString()));
    await once(client, 'open');
    const [socket] = (await accepted) as [WebSocket];
    socket.on('error', () => {}); // as the hub does: ws closes with the code that fits
    peers.push({ client, socket, received });
  }
  return {
    port,
    peers,
    async [Symbol.asyncDispose]() {
      for (const { client } of peers) client.terminate();
      for (const { socket } of peers) socket.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

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
    const offers = [
      { perMessageDeflate: false },
      { perMessageDeflate: true },
      { perMessageDeflate: { serverMaxWindowBits: 10 } },
    ];
    await using server = await startPeers([...offers, ...offers]);
    expect(server.peers.map(({ client }) => client.extensions !== '')).toEqual([
      false,
      true,
      true,
      false,
      true,
      true,
    ]);
    const sockets = server.peers.map(({ socket }) => socket);
    for (const [index, text] of texts.entries()) {
      expect(await fanOut(sockets, encodeFrame(text))).toEqual({ written: sockets.length, skipped: 0 });
      await expect.poll(() => server.peers.every(({ received }) => received.length === index + 1)).toBe(true);
    }
    for (const { received } of server.peers) expect(received).toEqual(texts);
  });

  it('is smaller on the wire where compression was negotiated', () => {
    const frame = encodeFrame(
      JSON.stringify(Array.from({ length: 200 }, (_, n) => ({ host: `10.0.0.${n}`, status: 'active' }))),
    );
    expect(frame.deflated().length).toBeLessThan(frame.plain.length / 4);
    expect(encodeFrame('short').deflated()).toEqual(encodeFrame('short').plain);
  });

  it('mixes with messages that ws itself sends', async () => {
    await using server = await startPeers([{ perMessageDeflate: true }]);
    const { socket, received } = server.peers[0]!;
    socket.send('first', { compress: false });
    await expect.poll(() => received.length).toBe(1);
    expect(writeFrame(socket, encodeFrame('second '.repeat(500)))).toBe('written');
    await expect.poll(() => received.length).toBe(2);
    expect(received).toEqual(['first', 'second '.repeat(500)]);
  });
});

describe('a fan-out', () => {
  it('leaves out a client that does not read, and nobody else', async () => {
    await using server = await startPeers([{}, {}]);
    const [stuck, reader] = server.peers;
    stuck!.client.pause();
    const frame = encodeFrame(JSON.stringify(randomBytes(2 ** 20).toString('base64')));
    const skipped: WebSocket[] = [];
    let rounds = 0;
    while (skipped.length === 0 && rounds < 100) {
      rounds++;
      await fanOut([stuck!.socket, reader!.socket], frame, { onSkipped: (socket) => skipped.push(socket) });
      await expect.poll(() => reader!.received.length, { timeout: 5000 }).toBe(rounds);
    }
    expect(skipped).toEqual([stuck!.socket]);
    expect(stuck!.socket.bufferedAmount).toBeLessThanOrEqual(frame.plain.length);
    await server[Symbol.asyncDispose]();
  });

  it('skips sockets that are closed', async () => {
    await using server = await startPeers([{}]);
    const { socket, client } = server.peers[0]!;
    client.terminate();
    await expect.poll(() => socket.readyState).toBe(WebSocket.CLOSED);
    expect(await fanOut([socket], encodeFrame('late'))).toEqual({ written: 0, skipped: 1 });
  });

  it('lets other work of the process run in between', async () => {
    await using server = await startPeers([{}]);
    const { socket, client } = server.peers[0]!;
    client.terminate();
    await expect.poll(() => socket.readyState).toBe(WebSocket.CLOSED);
    let turns = 0;
    let counting = true;
    const count = () => {
      turns++;
      if (counting) setImmediate(count);
    };
    setImmediate(count);
    await fanOut(Array(5000).fill(socket), encodeFrame('x'));
    counting = false;
    expect(turns).toBeGreaterThanOrEqual(5);
  });
});

it('refuses what no client of the hub sends: a frame over 64 KiB', async () => {
  await using server = await startPeers([{}]);
  const { client } = server.peers[0]!;
  const closed = once(client, 'close');
  client.send('x'.repeat(65 * 1024));
  const [code] = (await closed) as [number];
  expect(code).toBe(1009);
});
