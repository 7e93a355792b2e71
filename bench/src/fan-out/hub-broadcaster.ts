import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLogger } from '@booner/service';
import { WebSocketServer } from 'ws';
import { Account } from '../../../apps/hub/src/ws/account.ts';
import { encodeFrame } from '../../../apps/hub/src/ws/broadcast-frame.ts';
import { ClientSocket } from '../../../apps/hub/src/ws/client-socket.ts';
import { fanOut } from '../../../apps/hub/src/ws/fan-out.ts';
import { SocketSupervisor } from '../../../apps/hub/src/ws/socket-supervisor.ts';
import type { Broadcaster } from './fan-out-contract.ts';

/** The hub's own broadcaster on sockets of `ws`: one frame, encoded once and written to each. */
export async function startHubBroadcaster({ heartbeat }: { heartbeat: boolean }): Promise<Broadcaster> {
  const http = createServer();
  const server = new WebSocketServer({ server: http, perMessageDeflate: false });
  const supervisor = heartbeat ? await startSupervisor() : null;
  const clients = new Set<ClientSocket>();
  const account = new Account();
  server.on('connection', (socket) => {
    const remove = (client: ClientSocket) => void clients.delete(client);
    if (supervisor !== null) return clients.add(supervisor.add(socket, { remove }));
    const client = new ClientSocket(socket, account);
    socket.on('close', () => remove(client));
    clients.add(client);
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    port: (http.address() as AddressInfo).port,
    broadcast: (text) => fanOut([...clients], encodeFrame(text)),
  };
}

async function startSupervisor(): Promise<SocketSupervisor> {
  const supervisor = new SocketSupervisor(await createLogger({ name: 'hub', level: 'silent' }));
  void supervisor.run({ signal: new AbortController().signal });
  return supervisor;
}
