import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLogger } from '@booner/service';
import { WebSocketServer } from 'ws';
import { encodeFrame } from '../../../apps/hub/src/ws/broadcast-frame.ts';
import { fanOut } from '../../../apps/hub/src/ws/fan-out.ts';
import { SocketSupervisor } from '../../../apps/hub/src/ws/socket-supervisor.ts';
import type { Broadcaster } from './fan-out-contract.ts';

/** The hub's own broadcaster on sockets of `ws`: one frame, encoded once and written to each. */
export async function startHubBroadcaster({ heartbeat }: { heartbeat: boolean }): Promise<Broadcaster> {
  const http = createServer();
  const server = new WebSocketServer({ server: http, perMessageDeflate: false });
  if (heartbeat) await keepAlive(server);
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    port: (http.address() as AddressInfo).port,
    broadcast: (text) => fanOut([...server.clients], encodeFrame(text)),
  };
}

async function keepAlive(server: WebSocketServer): Promise<void> {
  const supervisor = new SocketSupervisor(await createLogger({ name: 'hub', level: 'silent' }));
  const handlers = { onText: () => {}, onBinary: () => {}, onClose: () => {} };
  server.on('connection', (socket) => supervisor.add(socket, handlers));
  void supervisor.run({ signal: new AbortController().signal });
}
