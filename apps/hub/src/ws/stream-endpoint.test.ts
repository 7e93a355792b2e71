import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { CLOSE_CODES, PROBLEM_MEDIA_TYPE, V1_SUBPROTOCOL, V2_SUBPROTOCOL } from '@booner/protocol';
import { createLogger } from '@booner/service';
import { expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { startHttpServer } from '../http/server.ts';
import { createTestApp } from '../testing/test-app.ts';
import { encodeFrame } from './broadcast-frame.ts';
import type { ClientSocket } from './client-socket.ts';
import { SocketSupervisor } from './socket-supervisor.ts';
import { streamEndpoint } from './stream-endpoint.ts';
import { createWebSocketServer } from './web-socket-server.ts';

vi.setConfig({ testTimeout: 60_000 });

/** A server with one stream, each version of which greets its clients. */
async function startServer(
  access: { credentialId: string; isActive: () => boolean } = { credentialId: 'a', isActive: () => true },
) {
  const log = await createLogger({ name: 'test', level: 'silent' });
  const calls: string[] = [];
  const clientsOf = (version: string) => ({
    add(client: ClientSocket, query: URLSearchParams) {
      calls.push(`${version} add ${query}`);
      client.write(encodeFrame(version));
    },
    receive: (_: ClientSocket, text: string) => void calls.push(`${version} receive ${text}`),
    remove: () => void calls.push(`${version} remove`),
  });
  const endpoint = streamEndpoint({
    path: '/ws/some/stream',
    mirror: '/some/mirror',
    stream: { version1: clientsOf('version 1'), version2: clientsOf('version 2') },
    supervisor: new SocketSupervisor(log, access.isActive),
    ownerOf: () => ({ credentialId: access.credentialId, account: access.credentialId }),
  });
  const server = await startHttpServer({
    fetch: createTestApp({ log, routes: [endpoint] }).fetch,
    webSockets: createWebSocketServer(),
    log,
    host: '127.0.0.1',
    port: 0,
    maxConnections: 1000,
    maxConnectionsPerAddress: 1000,
  });
  return {
    url: server.url,
    calls,
    /** Connects, waits for the greeting, says hello and closes. */
    async visit(protocols: string[], query = '') {
      const url = `${server.url.replace('http', 'ws')}/ws/some/stream${query}`;
      const client = new WebSocket(url, protocols);
      const [greeting] = await once(client, 'message');
      client.send('hello');
      client.close();
      await once(client, 'close');
      return String(greeting);
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

it('serves version 2 to clients that offer its subprotocol and version 1 to all others', async () => {
  await using server = await startServer();
  expect(await server.visit([V2_SUBPROTOCOL], '?cursor=1-0')).toBe('version 2');
  expect(await server.visit([])).toBe('version 1');
  expect(await server.visit([V1_SUBPROTOCOL])).toBe('version 1');
  await expect.poll(() => server.calls.length).toBe(9);
  expect(server.calls).toEqual([
    ...['version 2 add cursor=1-0', 'version 2 receive hello', 'version 2 remove'],
    ...['version 1 add ', 'version 1 receive hello', 'version 1 remove'],
    ...['version 1 add ', 'version 1 receive hello', 'version 1 remove'],
  ]);
});

it('closes a socket whose credential ended during the upgrade', async () => {
  await using server = await startServer({ credentialId: 'a', isActive: () => false });
  const client = new WebSocket(`${server.url.replace('http', 'ws')}/ws/some/stream`);
  const [code] = await once(client, 'close');
  expect(code).toBe(CLOSE_CODES.policyViolation);
});

it('answers a request without an upgrade with 426 and names the mirror', async () => {
  await using server = await startServer();
  const response = await fetch(`${server.url}/ws/some/stream`);
  expect([response.status, response.headers.get('upgrade')]).toEqual([426, 'websocket']);
  expect(await response.json()).toMatchObject({
    title: 'Upgrade required',
    detail: '/ws/some/stream is a WebSocket. GET /some/mirror returns the same data.',
  });
});

it.for([
  { what: 'the same subprotocol twice', headers: { 'Sec-WebSocket-Protocol': 'a, a' }, version: undefined },
  { what: 'an old version', headers: { 'Sec-WebSocket-Version': '7' }, version: '13' },
])('answers an upgrade with $what with a problem document', async ({ headers, version }) => {
  await using server = await startServer();
  const upgrade = request(`${server.url}/ws/some/stream`, {
    headers: {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version': '13',
      ...headers,
    },
  });
  const [answer] = (await once(upgrade.end(), 'response')) as [IncomingMessage];
  const [body] = (await once(answer.setEncoding('utf8'), 'data')) as [string];
  expect(answer.statusCode).toBe(400);
  expect(answer.headers['content-type']).toBe(PROBLEM_MEDIA_TYPE);
  expect(answer.headers['sec-websocket-version']).toBe(version);
  expect(JSON.parse(body)).toEqual({
    type: 'about:blank',
    title: 'Invalid WebSocket handshake',
    status: 400,
    detail: expect.stringMatching(/^(Missing or i|I)nvalid Sec-WebSocket-.* header[.]$/),
  });
});
