import { V2_SUBPROTOCOL } from '@booner/protocol';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { SocketSupervisor } from '../ws/socket-supervisor.ts';
import { webSocketRoute } from '../ws/stream-endpoint.ts';
import type { TaskStream } from './task-stream.ts';

/** `/ws/tasks/updates`: version 1, or version 2 for clients that offer its subprotocol. */
export function taskEndpoint(stream: TaskStream, supervisor: SocketSupervisor): OpenAPIHono {
  return webSocketRoute({
    path: '/ws/tasks/updates',
    mirror: '/tasks',
    onOpen(socket, { searchParams }, credentialId) {
      const handlers = {
        onText: (text: string) => stream.receive(socket, text),
        onBinary: () => stream.refuse(socket, 'messages are JSON texts: binary is not understood'),
        onClose: () => stream.remove(socket),
      };
      supervisor.add(socket, handlers, credentialId);
      if (socket.protocol === V2_SUBPROTOCOL) stream.addVersion2(socket, searchParams);
      else stream.addVersion1(socket);
    },
  });
}
