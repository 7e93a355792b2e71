import { CLOSE_CODES, V2_SUBPROTOCOL } from '@booner/protocol';
import { upgradeWebSocket } from '@hono/node-server';
import type { Context } from 'hono';
import type { WebSocket } from 'ws';
import { problem } from '../http/problem.ts';
import { route, type ServedRoute, serve } from '../http/route.ts';
import type { ClientSocket } from './client-socket.ts';
import type { ClientHandlers, SocketOwner, SocketSupervisor } from './socket-supervisor.ts';

/** The clients of one version of a stream. */
export type StreamClients = ClientHandlers & {
  /** @param query of the upgrade request */
  add(client: ClientSocket, query: URLSearchParams): void;
};

/** A stream that is served in two versions, or in version 2 only (`version1` is `null`). */
export type Stream = { readonly version1: StreamClients | null; readonly version2: StreamClients };

export type StreamEndpoint = {
  readonly path: string;
  /** The REST path that shows the same data. */
  readonly mirror: string;
  readonly stream: Stream;
  readonly supervisor: SocketSupervisor;
  /** Returns the client behind an upgrade request. */
  readonly ownerOf: (c: Context) => SocketOwner;
};

/** Clients of a version that a stream does not have: they are closed. */
const NO_CLIENTS: StreamClients = {
  add: (client) => void client.close(CLOSE_CODES.versionRequired, VERSION_REQUIRED),
  remove() {},
};
const VERSION_REQUIRED = `this stream has version 2 only: offer the subprotocol ${V2_SUBPROTOCOL}`;

/**
 * Serves a stream as a WebSocket: version 2 to clients that offer its subprotocol, version 1 to all
 * others, which are closed if there is none. A request without an upgrade gets 426.
 */
export function streamEndpoint({ path, mirror, stream, supervisor, ownerOf }: StreamEndpoint): ServedRoute {
  const accept = (socket: WebSocket, query: URLSearchParams, owner: SocketOwner) => {
    const clients = socket.protocol === V2_SUBPROTOCOL ? stream.version2 : (stream.version1 ?? NO_CLIENTS);
    const client = supervisor.add(socket, clients, owner);
    if (client.isOpen) clients.add(client, query);
  };
  const upgrade = upgradeWebSocket((c) => {
    const { url } = c.req;
    const owner = ownerOf(c);
    return {
      onOpen(_event, { raw }) {
        const socket = raw as WebSocket;
        // The library adds listeners after this call that hold the whole request, 10 KB, as long as
        // the socket lives.
        queueMicrotask(() => {
          socket.removeAllListeners();
          accept(socket, new URL(url).searchParams, owner);
        });
      },
    };
  });
  return serve(route({ method: 'get', path, access: { role: 'viewer' }, middleware: [upgrade] }), (c) => {
    c.header('upgrade', 'websocket');
    return problem(
      c,
      426,
      'Upgrade required',
      `${path} is a WebSocket. GET ${mirror} returns the same data.`,
    );
  });
}
