import { V2_SUBPROTOCOL } from '@booner/protocol';
import { upgradeWebSocket } from '@hono/node-server';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { WebSocket } from 'ws';
import { problem } from '../http/problem.ts';
import type { SocketSupervisor } from './socket-supervisor.ts';
import type { StatusStream } from './status-stream.ts';

const STATUS_STREAM_PATH = '/ws/system/status';

/** `/ws/system/status`: version 1, or version 2 for clients that offer its subprotocol. */
export function statusEndpoint(stream: StatusStream, supervisor: SocketSupervisor): OpenAPIHono {
  const routes = new OpenAPIHono();
  const upgrade = upgradeWebSocket(() => ({
    onOpen(_event, context) {
      const socket = context.raw as WebSocket;
      supervisor.add(socket, {
        onText: (text) => (socket.protocol === V2_SUBPROTOCOL ? stream.receive(socket, text) : undefined),
        onBinary: () => stream.refuse(socket, 'messages are JSON texts: binary is not understood'),
        onClose: () => stream.remove(socket),
      });
      if (socket.protocol === V2_SUBPROTOCOL) stream.addVersion2(socket);
      else stream.addVersion1(socket);
    },
  }));
  routes.get(STATUS_STREAM_PATH, upgrade, (c) => {
    c.header('upgrade', 'websocket');
    return problem(
      c,
      426,
      'Upgrade required',
      `${STATUS_STREAM_PATH} is a WebSocket; GET /system/status is its mirror.`,
    );
  });
  return routes;
}
