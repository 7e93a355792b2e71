import { upgradeWebSocket } from '@hono/node-server';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { WebSocket } from 'ws';
import { problem } from '../http/problem.ts';

export type WebSocketRoute = {
  readonly path: string;
  /** The REST path that shows the same. */
  readonly mirror: string;
  /** Takes a socket over; `url` is that of the upgrade request. */
  readonly onOpen: (socket: WebSocket, url: URL) => void;
};

/** A WebSocket at a path; a request without an upgrade is told so. */
export function webSocketRoute({ path, mirror, onOpen }: WebSocketRoute): OpenAPIHono {
  const routes = new OpenAPIHono();
  const upgrade = upgradeWebSocket((c) => {
    const { url } = c.req;
    return {
      onOpen(_event, { raw }) {
        const socket = raw as WebSocket;
        // The library's listeners, which it adds after this call, hold the whole request as long as the socket lives: 10 KB each.
        queueMicrotask(() => {
          socket.removeAllListeners();
          onOpen(socket, new URL(url));
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
