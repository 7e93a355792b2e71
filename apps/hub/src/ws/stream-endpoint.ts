import { upgradeWebSocket } from '@hono/node-server';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { WebSocket } from 'ws';
import { principalOf } from '../access/principal.ts';
import { problem } from '../http/problem.ts';

export type WebSocketRoute = {
  readonly path: string;
  /** The REST path that shows the same. */
  readonly mirror: string;
  /** Takes a socket over; `url` is that of the upgrade request, `credentialId` of who made it; `null` where nobody must sign in. */
  readonly onOpen: (socket: WebSocket, url: URL, credentialId: string | null) => void;
};

/** A WebSocket at a path; a request without an upgrade is told so. */
export function webSocketRoute({ path, mirror, onOpen }: WebSocketRoute): OpenAPIHono {
  const routes = new OpenAPIHono();
  const upgrade = upgradeWebSocket((c) => {
    const { url } = c.req;
    const credentialId = principalOf(c).credential?.id ?? null;
    return {
      onOpen(_event, { raw }) {
        const socket = raw as WebSocket;
        // The library's listeners, which it adds after this call, hold the whole request as long as the socket lives: 10 KB each.
        queueMicrotask(() => {
          socket.removeAllListeners();
          onOpen(socket, new URL(url), credentialId);
        });
      },
    };
  });
  routes.get(path, upgrade, (c) => {
    c.header('upgrade', 'websocket');
    return problem(c, 426, 'Upgrade required', `${path} is a WebSocket; GET ${mirror} is its mirror.`);
  });
  return routes;
}
