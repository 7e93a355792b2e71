import { once } from 'node:events';
import { connect } from 'node:net';
import { eventually } from '@booner/testkit';
import { expect, it } from 'vitest';
import { recordingLog } from '../testing/recording-log.ts';
import { createTestApp } from '../testing/test-app.ts';
import { createWebSocketServer } from '../ws/web-socket-server.ts';
import { startHttpServer } from './server.ts';

it('says nothing of clients that go away in the middle of a body', async () => {
  const { log, lines } = recordingLog();
  const app = createTestApp({ log, routes: [] });
  const statuses: number[] = [];
  await using server = await startHttpServer({
    fetch: async (request, env) => {
      const answer = await app.fetch(request, env);
      statuses.push(answer.status);
      return answer;
    },
    webSockets: createWebSocketServer(),
    log,
    ...{ host: '127.0.0.1', port: 0, maxConnections: 10, maxConnectionsPerAddress: 10 },
  });
  const { port } = new URL(server.url);
  const socket = connect(Number(port), '127.0.0.1');
  await once(socket, 'connect');
  const head = ['POST /x HTTP/1.1', 'Host: 127.0.0.1', 'Expect: 100-continue', 'Transfer-Encoding: chunked'];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  await once(socket, 'data'); // "go on": the hub reads
  socket.write('5\r\nab');
  socket.destroy();
  await eventually(() => statuses.length === 1, { what: 'the request to end' });
  expect([statuses, lines]).toEqual([[400], []]);
});
