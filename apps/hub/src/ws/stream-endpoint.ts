import { V2_SUBPROTOCOL } from '@booner/protocol';
import { upgradeWebSocket } from '@hono/node-server';
import type { Context } from 'hono';
import type { WebSocket } from 'ws';
import { problem } from '../http/problem.ts';
import { route, type ServedRoute, serve } from '../http/route.ts';
import type { ClientSocket } from './client-socket.ts';
import type { ClientHandlers, SocketSupervisor } from './socket-supervisor.ts';

/** The clients of one version of a stream. */
export type StreamClients = ClientHandlers & {
  /** @param query of the upgrade request */
  add(client: ClientSocket, query: URLSearchParams): void;
};

/** A stream that is served in two versions. */
export type Stream = { readonly version1: StreamClients; readonly version2: StreamClients };

export type StreamEndpoint = {
  readonly path: string;
  /** The REST path that shows the same data. */
  readonly mirror: string;
  readonly stream: Stream;
  readonly supervisor: SocketSupervisor;
  /** Returns the credential of the upgrade request; `null` where sign-in is not required. */
  readonly credentialIdOf: (c: Context) => string | null;
};

/**
 * Serves a stream as a WebSocket: version 2 to clients that offer its subprotocol, version 1 to all
 * others. A request without an upgrade gets 426.
 */
export function streamEndpoint({
  path,
  mirror,
  stream,
  supervisor,
  credentialIdOf,
}: StreamEndpoint): ServedRoute {
  const accept = (socket: WebSocket, query: URLSearchParams, credentialId: string | null) => {
    const clients = socket.protocol === V2_SUBPROTOCOL ? stream.version2 : stream.version1;
    clients.add(supervisor.add(socket, clients, credentialId), query);
  };
  const upgrade = upgradeWebSocket((c) => {
    const { url } = c.req;
    const credentialId = credentialIdOf(c);
    return {
      onOpen(_event, { raw }) {
        const socket = raw as WebSocket;
        // The library adds listeners after this call that hold the whole request, 10 KB, as long as
        // the socket lives.
        queueMicrotask(() => {
          socket.removeAllListeners();
          accept(socket, new URL(url).searchParams, credentialId);
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
