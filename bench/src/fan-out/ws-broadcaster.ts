import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { Broadcaster } from './fan-out-contract.ts';

/** The obvious implementation: `send` of the text to each client. */
export async function startWsBroadcaster(): Promise<Broadcaster> {
  const http = createServer();
  const server = new WebSocketServer({ server: http, perMessageDeflate: false });
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
