import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { encodeFrame } from '../../../apps/hub/src/ws/broadcast-frame.ts';
import { fanOut } from '../../../apps/hub/src/ws/fan-out.ts';
import type { Broadcaster } from './fan-out-contract.ts';

/** The hub's own broadcaster on sockets of `ws`: one frame, encoded once and written to each. */
export async function startHubBroadcaster(): Promise<Broadcaster> {
  const http = createServer();
  const server = new WebSocketServer({ server: http, perMessageDeflate: false });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    port: (http.address() as AddressInfo).port,
    broadcast: (text) => fanOut([...server.clients], encodeFrame(text)),
  };
}
