import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { afterEach, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { connectRawClient, type RawClient } from './raw-client.ts';

const PATH = '/ws/system/status';
const clients: RawClient[] = [];

afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
});

async function listen() {
  const http = createServer();
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return { http, port: (http.address() as AddressInfo).port };
}

/**
 * A client that keeps what it receives; `next()` takes the next message, `lost` resolves with how
 * the connection ended.
 */
async function connectClient(
  port: number,
  path: string,
  dialect: 'plain' | 'engine.io',
  more: { subprotocol?: string; headBytes?: number } = {},
) {
  const messages: { head: string; payloadBytes: number }[] = [];
  let wake = Promise.withResolvers<void>();
  const lost = Promise.withResolvers<string>();
  clients.push(
    await connectRawClient({
      port,
      path,
      dialect,
      ...more,
      onMessage(head, payloadBytes) {
        messages.push({ head: head.toString('utf8'), payloadBytes });
        wake.resolve();
      },
      onLost: lost.resolve,
    }),
  );
  return {
    lost: lost.promise,
    async next() {
      if (messages.length === 0) await wake.promise;
      wake = Promise.withResolvers();
      return messages.shift();
    },
  };
}

test('the client takes the messages of a ws server and answers its pings', async () => {
  const { http, port } = await listen();
  const server = new WebSocketServer({ server: http, perMessageDeflate: false });
  const connection = once(server, 'connection');
  const client = await connectClient(port, PATH, 'plain');
  const [socket] = (await connection) as [import('ws').WebSocket];

  socket.send('x'.repeat(16 * 1024));
  expect(await client.next()).toEqual({ head: 'x'.repeat(128), payloadBytes: 16 * 1024 });
  const pong = once(socket, 'pong');
  socket.ping('are you there?');
  expect(String((await pong)[0])).toBe('are you there?');

  socket.close(1001, 'restart');
  expect(await client.lost).toBe('closed by the server with 1001 restart');
  server.close();
  http.close();
});

test('the client speaks the protocol of socket.io: it joins, gets events and answers pings', async () => {
  const { http, port } = await listen();
  const server = new Server(http, { transports: ['websocket'], pingInterval: 50, pingTimeout: 5000 });
  const connection = once(server, 'connection');
  const client = await connectClient(port, '/socket.io/?EIO=4&transport=websocket', 'engine.io');
  const [socket] = (await connection) as [import('socket.io').Socket];
  const answered = Promise.withResolvers<void>();
  socket.conn.on('packet', ({ type }) => {
    if (type === 'pong') answered.resolve();
  });

  await answered.promise;
  server.emit('status', 'y'.repeat(100));
  expect(await client.next()).toEqual({ head: `42["status","${'y'.repeat(100)}"]`, payloadBytes: 115 });
  await server.close();
  expect(await client.lost).toMatch(/closed/);
});

test('a refused upgrade rejects with the answer', async () => {
  const { http, port } = await listen();
  http.on('upgrade', (_request, socket) => {
    socket.on('error', () => socket.destroy()); // the client resets
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  await expect(connectClient(port, PATH, 'plain')).rejects.toThrow('403 Forbidden');
  http.close();
});

test('a subprotocol is asked for, and one that the server does not take is an error', async () => {
  const { http, port } = await listen();
  const server = new WebSocketServer({
    server: http,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has('spoken') ? 'spoken' : false),
  });
  const connection = once(server, 'connection');
  const client = await connectClient(port, PATH, 'plain', { subprotocol: 'spoken', headBytes: 500 });
  const [socket] = (await connection) as [import('ws').WebSocket];
  socket.send('z'.repeat(1000));
  expect(await client.next()).toEqual({ head: 'z'.repeat(500), payloadBytes: 1000 });
  await expect(connectClient(port, PATH, 'plain', { subprotocol: 'other' })).rejects.toThrow(
    'the server does not speak other',
  );
  server.close();
  http.close();
});
