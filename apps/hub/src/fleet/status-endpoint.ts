import { V2_SUBPROTOCOL } from '@booner/protocol';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { SocketSupervisor } from '../ws/socket-supervisor.ts';
import { webSocketRoute } from '../ws/stream-endpoint.ts';
import type { StatusStream } from './status-stream.ts';

/** `/ws/system/status`: version 1, or version 2 for clients that offer its subprotocol. */
export function statusEndpoint(stream: StatusStream, supervisor: SocketSupervisor): OpenAPIHono {
  return webSocketRoute({
    path: '/ws/system/status',
    mirror: '/system/status',
    onOpen(socket, _url, credentialId) {
      const isVersion2 = socket.protocol === V2_SUBPROTOCOL;
      const handlers = {
        onText: (text: string) => (isVersion2 ? stream.receive(socket, text) : undefined),
        onBinary: () => stream.refuse(socket, 'messages are JSON texts: binary is not understood'),
        onClose: () => stream.remove(socket),
      };
      supervisor.add(socket, handlers, credentialId);
      if (isVersion2) stream.addVersion2(socket);
      else stream.addVersion1(socket);
    },
  });
}
