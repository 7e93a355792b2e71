import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Broadcaster } from './fan-out-contract.ts';

/** "How to detect and close broken connections" in the README of ws. */
const PING_INTERVAL_MS = 30_000;

/** What one writes first: `send` of the text to each client, and the heartbeat that the README of ws shows. */
export async function startWsBroadcaster(): Promise<Broadcaster> {
  const http = createServer();
  const server = new WebSocketServer({ server: http, perMessageDeflate: false });
  const alive = new WeakSet<WebSocket>();
  server.on('connection', (socket) => {
    alive.add(socket);
    socket.on('pong', () => alive.add(socket));
  });
  setInterval(() => {
    for (const socket of server.clients) {
      if (!alive.delete(socket)) socket.terminate();
      else socket.ping();
    }
  }, PING_INTERVAL_MS).unref();
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    port: (http.address() as AddressInfo).port,
    async broadcast(text) {
      for (const socket of server.clients) socket.send(text);
      return { written: server.clients.size };
    },
  };
}
