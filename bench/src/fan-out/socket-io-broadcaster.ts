import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import type { Broadcaster } from './fan-out-contract.ts';

/** Its heartbeat (every 25 s by default) is put off, so that its broadcasts alone are measured. */
const PING_INTERVAL_MS = 3_600_000;

/** socket.io over WebSocket alone, which is the cheapest that it offers. */
export async function startSocketIoBroadcaster(): Promise<Broadcaster> {
  const http = createServer();
  const server = new Server(http, {
    transports: ['websocket'],
    pingInterval: PING_INTERVAL_MS,
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
