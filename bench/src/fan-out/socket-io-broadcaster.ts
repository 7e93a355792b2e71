import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import type { Broadcaster } from './fan-out-contract.ts';

/**
 * Broadcasts with socket.io over WebSocket only, the cheapest transport that it offers; other
 * options have their defaults, such as a ping every 25 s.
 */
export async function startSocketIoBroadcaster(): Promise<Broadcaster> {
  const http = createServer();
  const server = new Server(http, {
    transports: ['websocket'],
    serveClient: false,
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    port: (http.address() as AddressInfo).port,
    async broadcast(text) {
      server.emit('status', text);
      return { written: server.of('/').sockets.size };
    },
  };
}
