import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type ClientOptions, WebSocket, WebSocketServer } from 'ws';
import type { Account } from '../ws/account.ts';
import { ClientSocket } from '../ws/client-socket.ts';
import { createWebSocketServer } from '../ws/web-socket-server.ts';

/** Both ends of one WebSocket. */
export type TestPeer = {
  /** The far end. */
  readonly client: WebSocket;
  /** The hub's end as `ws` has it. */
  readonly socket: WebSocket;
  readonly hubEnd: ClientSocket;
  /** Texts that the far end received. */
  readonly received: readonly string[];
};

/** WebSockets over loopback with the hub's own options. */
export async function startTestSockets() {
  const { options } = createWebSocketServer();
  const server = new WebSocketServer({ ...options, noServer: false, port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const peers: TestPeer[] = [];
  return {
    async connect(clientOptions: ClientOptions = {}, account?: Account): Promise<TestPeer> {
      const accepted = once(server, 'connection');
      const client = new WebSocket(`ws://127.0.0.1:${port}`, clientOptions);
      const received: string[] = [];
      client.on('message', (data) => received.push(data.toString()));
      client.on('error', () => {});
      await once(client, 'open');
      const [socket] = (await accepted) as [WebSocket];
      socket.on('error', () => {}); // as the hub does: ws closes with the code that fits
      const peer = { client, socket, hubEnd: new ClientSocket(socket, account), received };
      peers.push(peer);
      return peer;
    },
    /** Connects a peer and cuts it. @returns its two ends, both closed */
    async connectGone(): Promise<TestPeer> {
      const peer = await this.connect();
      const closed = once(peer.socket, 'close');
      peer.client.terminate();
      await closed;
      return peer;
    },
    async [Symbol.asyncDispose]() {
      for (const { client, socket } of peers) {
        client.terminate();
        socket.terminate();
      }
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
