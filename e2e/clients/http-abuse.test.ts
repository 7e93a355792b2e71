import { connect } from 'node:net';
import { problemSchema } from '@booner/protocol';
import { eventually, type HubProcess, openStatusClient, startHub } from '@booner/testkit';
import { afterAll, beforeAll, describe, type ExpectStatic, it } from 'vitest';
import { hubMetric, residentBytes } from './hub-gauges.ts';
import { closed, connectRaw, exchange, requestText, upgradeText } from './raw-connection.ts';

const MEBIBYTE = 2 ** 20;
/**
 * Sent a byte a second, this takes longer than a request may take, and longer than the hub waits
 * for the connection to end.
 */
const SLOW_BYTES = 'x'.repeat(100);
const IDLE_CONNECTIONS = 2000;

let hub: HubProcess;
beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub[Symbol.asyncDispose]());

/** Checks that the original process still answers. */
async function stillAnswers(expect: ExpectStatic) {
  const answer = await hub.get('/healthz');
  expect(await answer.json()).toEqual({ status: 'ok' });
  expect(hub.hasExited()).toBe(false);
}

const post = (headers: Record<string, string>, path = '/targets'): string =>
  requestText(hub.port, path, headers).replace(/^GET/, 'POST');

describe.concurrent('a body', () => {
  it.for([
    ['with its length', () => post({ 'Content-Length': `${2 * MEBIBYTE}` }) + 'x'.repeat(2 * MEBIBYTE)],
    [
      'in chunks',
      () => {
        const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
        return `${post({ 'Transfer-Encoding': 'chunked' })}${chunk.repeat(32)}0\r\n\r\n`;
      },
    ],
  ] as const)('of 2 MB is refused with 413 %s', async ([, request], { expect }) => {
    const { status, body } = await exchange(hub.port, request());
    expect(status).toBe(413);
    expect(problemSchema.parse(JSON.parse(body)).detail).toContain('256 KiB');
    await stillAnswers(expect);
  });

  it.for([
    ['with its length, for nothing that reads it', () => post({ 'Content-Length': '100' }, '/nothing'), 404],
    ['in chunks', () => `${post({ 'Transfer-Encoding': 'chunked' })}64\r\n`, 408],
  ] as const)(
    'that comes a byte a second is cut off in time: %s',
    async ([, request, expected], { expect }) => {
      const { status } = await exchange(hub.port, request(), { drip: SLOW_BYTES });
      expect(status).toBe(expected);
      await stillAnswers(expect);
    },
  );
});

const begun: readonly (readonly [what: string, bytes: () => string])[] = [
  ['headers', () => `GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:${hub.port}\r\nX-Slow: `],
  ['the headers of an upgrade', () => upgradeText(hub.port, '/ws/system/status').slice(0, -4)],
  ['a request line', () => 'GET /'],
];

describe.concurrent('a slow client', () => {
  it.for(begun)('that sends %s a byte a second gets 408', async ([, bytes], { expect }) => {
    const { status } = await exchange(hub.port, bytes(), { drip: SLOW_BYTES });
    expect(status).toBe(408);
  });

  it('that sends nothing is cut off, 2,000 times over, while others are served', async ({ expect }) => {
    await using ownHub = await startHub();
    using reader = await openStatusClient(ownHub.url, { version: 1 });
    const beforeBytes = await residentBytes(ownHub.pid);
    const sockets = await Promise.all(
      Array.from({ length: IDLE_CONNECTIONS }, (_, index) =>
        connectRaw(ownHub.port, { localAddress: `127.0.0.${2 + (index % 4)}` }),
      ),
    );
    for (const socket of sockets) socket.resume();
    expect((await ownHub.get('/healthz')).status).toBe(200);
    expect((await residentBytes(ownHub.pid)) - beforeBytes).toBeLessThan(100 * MEBIBYTE);
    await Promise.all(sockets.map((socket) => closed(socket)));
    const connections = () => hubMetric(ownHub, 'booner_hub_connections');
    await eventually(async () => (await connections()) < 10, { what: 'a tidy hub' });
    expect(reader.isOpen()).toBe(true);
  });
});

describe.concurrent('too many connections', () => {
  it('of one address are answered 429 until others of it have closed; other addresses are served', async ({
    expect,
  }) => {
    await using ownHub = await startHub({ env: { BOONER_MAX_CONNECTIONS_PER_ADDRESS: '5' } });
    const localAddress = '127.0.0.9';
    const held = await Promise.all(
      Array.from({ length: 5 }, () => connectRaw(ownHub.port, { localAddress })),
    );
    const request = requestText(ownHub.port, '/healthz');
    for (let attempt = 0; attempt < 3; attempt++) {
      const { status, head } = await exchange(ownHub.port, request, { localAddress });
      expect(status).toBe(429);
      expect(head).toMatch(/retry-after: \d+/i);
    }
    const other = await exchange(ownHub.port, request, { localAddress: '127.0.0.8' });
    expect(other.status).toBe(200);
    for (const socket of held) socket.destroy();
    await eventually(async () => (await exchange(ownHub.port, request, { localAddress })).status === 200, {
      what: 'the address to be served again',
    });
  });

  it('in total are dropped, and the open ones stay open', async ({ expect }) => {
    await using ownHub = await startHub({
      env: { BOONER_MAX_CONNECTIONS: '5', BOONER_INTERVAL_MS: '500' },
    });
    using reader = await openStatusClient(ownHub.url, { version: 1 });
    const held = await Promise.all(Array.from({ length: 4 }, () => connectRaw(ownHub.port)));
    const dropped = connect({ port: ownHub.port, host: '127.0.0.1' });
    dropped.on('error', () => dropped.destroy());
    await closed(dropped);
    const seen = reader.received.length;
    await eventually(() => reader.received.length >= seen + 2, { what: 'the stream' });
    for (const socket of held) socket.destroy();
    await eventually(async () => (await ownHub.get('/healthz')).status === 200, {
      what: 'room for others',
    });
    expect(reader.isOpen()).toBe(true);
  });
});

const request = (target: string, headers?: Record<string, string>) => () =>
  requestText(hub.port, target, headers);
const upgrade = (target: string, headers?: Record<string, string>) => () =>
  upgradeText(hub.port, target, headers);

const odd: readonly (readonly [what: string, bytes: () => string, status: number | null])[] = [
  ['an empty path segment', request('//'), 404],
  ['an upgrade of an empty path segment', upgrade('//'), 404],
  ['an absolute target that is none', request('http://['), 400],
  ['an upgrade of an absolute target that is none', upgrade('http://['), 400],
  ['a target with an absurd port', request('http://127.0.0.1:99999999/'), 400],
  ['an asterisk', () => request('*')().replace(/^GET/, 'OPTIONS'), 400],
  ['CONNECT', () => request('127.0.0.1:1')().replace(/^GET/, 'CONNECT'), null],
  ['a method that does not exist', () => request('/')().replace(/^GET/, 'BREW'), 400],
  ['percent signs without a meaning', request('/%ff%zz%00/%e0%a4%a'), 404],
  ['a host id of percent signs', request('/targets/%e0%a4%a'), 400],
  ['a path that climbs', request('/docs/../../../etc/passwd'), 404],
  ['a path that climbs in disguise', request('/docs/..%2f..%2fpackage.json'), 404],
  ['a URL of 20 KB', request(`/${'a'.repeat(20_000)}`), 431],
  ['a URL of 12 KB', request(`/${'a'.repeat(12_000)}`), 404],
  ['a header of 20 KB', request('/', { 'X-Long': 'a'.repeat(20_000) }), 431],
  ['an upgrade of a URL of 12 KB', upgrade(`/ws/${'a'.repeat(12_000)}`), 404],
  ['a Host that is none', request('/', { Host: '[::' }), 400],
  ['a Host of two words', request('/', { Host: 'a b' }), 400],
  ['an upgrade with a Host that is none', upgrade('/ws/system/status', { Host: 'a/b' }), 400],
  ['an empty Host', request('/', { Host: '' }), 400],
  ['no Host in HTTP/1.0', () => 'GET / HTTP/1.0\r\n\r\n', 400],
  ['no Host in HTTP/1.1', () => 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
  ['TLS', () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
  ['two lengths of one body', () => post({ 'Content-Length': '5', 'Transfer-Encoding': 'chunked' }), 400],
  ['a negative length', () => post({ 'Content-Length': '-5' }), 400],
  ['an unknown expectation', request('/', { Expect: 'banana' }), 417],
  [
    'an upgrade to another protocol',
    request('/healthz', { Connection: 'Upgrade, HTTP2-Settings, close', Upgrade: 'h2c' }),
    200,
  ],
  [
    'an upgrade to another protocol on a stream',
    request('/ws/system/status', { Connection: 'Upgrade, close', Upgrade: 'h2c' }),
    426,
  ],
  ['a WebSocket on an unknown path', upgrade('/ws/nowhere'), 404],
  [
    'a WebSocket on an unknown path outside of the streams',
    upgrade('/nowhere', { Connection: 'Upgrade, close' }),
    404,
  ],
  ['a WebSocket on a path that is none', upgrade('/healthz', { Connection: 'Upgrade, close' }), 200],
  [
    'a WebSocket without a key',
    request('/ws/system/status', { Connection: 'Upgrade', Upgrade: 'websocket' }),
    400,
  ],
  ['a WebSocket of another version', upgrade('/ws/system/status', { 'Sec-WebSocket-Version': '99' }), 400],
  ['a POST to a WebSocket', () => upgrade('/ws/system/status')().replace(/^GET/, 'POST'), 405],
];

describe.concurrent('an unusual request', () => {
  it.for(odd)('gets its answer, and the hub survives: %s', async ([, bytes, expected], { expect }) => {
    const { status, body } = await exchange(hub.port, bytes());
    expect(status).toBe(expected);
    expect(body).not.toMatch(/root:|node_modules|\.ts:\d/);
    await stillAnswers(expect);
  });

  it('is answered as if no upgrade had been offered if the route has no WebSocket', async ({ expect }) => {
    const headers = { Connection: 'Upgrade, close' };
    const answer = await exchange(hub.port, upgradeText(hub.port, '/healthz', headers));
    expect(JSON.parse(answer.body)).toEqual({ status: 'ok' });
    const nowhere = await exchange(hub.port, upgradeText(hub.port, '/nowhere', headers));
    expect(problemSchema.parse(JSON.parse(nowhere.body)).status).toBe(404);
  });

  it('may be cut off at any point of an opening handshake', async ({ expect }) => {
    const text = upgradeText(hub.port, '/ws/system/status');
    for (let cut = 1; cut <= text.length; cut += 3) {
      const socket = await connectRaw(hub.port);
      socket.write(text.slice(0, cut));
      socket.resetAndDestroy();
    }
    const whole = await Promise.all(Array.from({ length: 200 }, () => connectRaw(hub.port)));
    for (const socket of whole) {
      socket.write(text);
      socket.resetAndDestroy();
    }
    await stillAnswers(expect);
    const clients = () => hubMetric(hub, 'booner_hub_stream_clients{version="1"}');
    await eventually(async () => (await clients()) === 0, { what: 'no client left' });
    using client = await openStatusClient(hub.url, { version: 1 });
    await eventually(() => client.latest(), { what: 'a frame' });
  });
});
