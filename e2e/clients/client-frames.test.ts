import { setImmediate as yieldToLoop } from 'node:timers/promises';
import { eventually, type HubProcess, openStatusClient, startHub } from '@booner/testkit';
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { WebSocket } from 'ws';
import { hubMetric } from './hub-gauges.ts';
import { clientFrame, closed, openRawWebSocket } from './raw-connection.ts';

const INTERVAL_MS = 500;
const PING = 0x89;
const MANY_PINGS = 200_000;

let hub: HubProcess;
beforeAll(async () => {
  hub = await startHub({ env: { BOONER_INTERVAL_MS: `${INTERVAL_MS}` } });
});
afterAll(() => hub[Symbol.asyncDispose]());

/** A client of version 2 that has its snapshot. */
async function openVersion2(options: { perMessageDeflate?: boolean | object } = {}) {
  const client = await openStatusClient(hub.url, { version: 2, ...options });
  await eventually(() => client.latest(), { what: 'the first snapshot' });
  const errors = () =>
    client.received.map(({ message }) => message).filter((message) => message.type === 'error');
  return { ...client, latest: client.latest, errors };
}

const notUnderstood: readonly (readonly [what: string, frame: string, pointer: string])[] = [
  ['what is no JSON', 'hello', 'not JSON'],
  ['an empty text', '', 'not JSON'],
  ['JSON that is no object', '[]', ': '],
  ['an unknown type', '{"type":"reboot"}', '/type: '],
  ['a message without a type', '{}', '/type: '],
  ['hosts that are none', '{"type":"subscribe","hosts":["10.0.0.2","a b"]}', '/hosts/1: '],
  ['hosts that are no list', '{"type":"subscribe","hosts":"10.0.0.2"}', '/hosts: '],
  ['an unknown detail', '{"type":"subscribe","detail":"everything"}', '/detail: '],
  ['an unknown field', '{"type":"subscribe","host":"10.0.0.2"}', 'host'],
  ['deep JSON', `${'['.repeat(30_000)}${']'.repeat(30_000)}`, ': '],
  ['too many hosts', JSON.stringify({ type: 'subscribe', hosts: Array(1001).fill('10.0.0.2') }), '/hosts: '],
  ['1,000 bad hosts', JSON.stringify({ type: 'subscribe', hosts: Array(1000).fill('?') }), '/hosts/0: '],
];

describe.concurrent('a client of version 2', () => {
  it.for(notUnderstood)('is notified of %s, and stays connected', async ([, frame, pointer], { expect }) => {
    using client = await openVersion2();
    client.socket.send(frame);
    await eventually(() => client.errors().length > 0, { what: 'an error' });
    const [error] = client.errors();
    expect(error?.detail).toContain(pointer);
    expect(error?.detail.length).toBeLessThan(2000);
    const seen = client.received.length;
    await eventually(() => client.received.length >= seen + 2, { what: 'the stream' });
    expect(client.errors()).toHaveLength(1);
  });

  it('is notified that binary is not understood, and stays connected', async ({ expect }) => {
    using client = await openVersion2();
    client.socket.send(Buffer.from('{"type":"subscribe"}'));
    await eventually(() => client.errors().length > 0, { what: 'an error' });
    expect(client.errors()[0]?.detail).toContain('binary');
    expect(client.isOpen()).toBe(true);
  });

  it('is closed with 1009 for a message over 64 KiB, and not for one of 64 KiB', async ({ expect }) => {
    using client = await openVersion2();
    client.socket.send(' '.repeat(64 * 1024));
    await eventually(() => client.errors().length > 0, { what: 'an error' });
    client.socket.send(' '.repeat(65 * 1024));
    expect((await client.closed).code).toBe(1009);
  });

  it('is closed with 1009 for a small message that inflates to a large one', async ({ expect }) => {
    using client = await openVersion2({ perMessageDeflate: { threshold: 0 } });
    expect(client.socket.extensions).toContain('permessage-deflate');
    client.socket.send(' '.repeat(8 * 2 ** 20));
    expect((await client.closed).code).toBe(1009);
  });

  it.for([
    { what: 'very many fragments', size: 1, count: 100, code: 1008 },
    { what: 'fragments of more than 64 KiB together', size: 4096, count: 20, code: 1009 },
  ])(
    'is closed with $code for a message without an end: $what',
    async ({ size, count, code }, { expect }) => {
      using client = await openVersion2({ perMessageDeflate: false });
      for (let sent = 0; sent < count; sent++) client.socket.send('x'.repeat(size), { fin: false });
      expect((await client.closed).code).toBe(code);
    },
  );

  it.for([
    { what: 'a frame that is not masked', bytes: Buffer.from([0x81, 1, 0x78]), code: 1002 },
    { what: 'a reserved opcode', bytes: clientFrame(0x83, Buffer.from('x')), code: 1002 },
    { what: 'a reserved bit', bytes: clientFrame(0xa1, Buffer.from('x')), code: 1002 },
    { what: 'text that is not UTF-8', bytes: clientFrame(0x81, Buffer.from([0xff])), code: 1007 },
  ])('is closed with $code for $what', async ({ bytes, code }, { expect }) => {
    const socket = await openRawWebSocket(hub.port, {
      headers: { 'Sec-WebSocket-Protocol': 'booner.v2' },
    });
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.write(bytes);
    await closed(socket);
    // A close frame (0x88) with its code comes last.
    const received = Buffer.concat(chunks);
    const close = received.lastIndexOf(Buffer.from([0x88]));
    expect(received.readUInt16BE(close + 2)).toBe(code);
  });
});

describe.concurrent('a client that sends a thousand messages a second', () => {
  it.for([
    { what: 'version 1', version: 1, send: (socket: WebSocket) => socket.send('{"type":"subscribe"}') },
    { what: 'version 2', version: 2, send: (socket: WebSocket) => socket.send('{"type":"subscribe"}') },
    { what: 'pings alone', version: 2, send: (socket: WebSocket) => socket.ping() },
    { what: 'pongs alone', version: 2, send: (socket: WebSocket) => socket.pong() },
  ])('is closed with 4002, and others are served: $what', async ({ version, send }, { expect }) => {
    using other = await openStatusClient(hub.url, { version: 1 });
    using client =
      version === 1
        ? await openStatusClient(hub.url, { version: 1 })
        : await openStatusClient(hub.url, { version: 2 });
    const timer = setInterval(() => {
      for (let sent = 0; sent < 10 && client.isOpen(); sent++) send(client.socket);
    }, 10);
    try {
      const { code } = await client.closed;
      expect([4002, 1006], 'a reset may overtake the close frame').toContain(code);
    } finally {
      clearInterval(timer);
    }
    const seen = other.received.length;
    await eventually(() => other.received.length >= seen + 2, { what: 'more ticks' });
    expect(other.isOpen()).toBe(true);
  });

  it('is cut off if it pings without reading the answers, before they fill the memory of the hub', async ({
    expect,
  }) => {
    const socket = await openRawWebSocket(hub.port);
    socket.pause();
    const pings = Buffer.concat(Array(1000).fill(clientFrame(PING, Buffer.alloc(125))));
    const ended = closed(socket);
    let sent = 0;
    for (; !socket.destroyed && sent < MANY_PINGS; sent += 1000) {
      if (socket.write(pings)) await yieldToLoop();
      else await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), ended]);
    }
    await ended;
    expect(sent).toBeLessThan(MANY_PINGS);
    expect(await hubMetric(hub, 'nodejs_external_memory_bytes')).toBeLessThan(64 * 2 ** 20);
  });

  it('of version 1 is ignored if it stays below the limit', async ({ expect }) => {
    using client = await openStatusClient(hub.url, { version: 1 });
    for (let sent = 0; sent < 20; sent++)
      client.socket.send(sent % 2 === 0 ? 'hello?' : Buffer.from('hello?'));
    const seen = client.received.length;
    await eventually(() => client.received.length >= seen + 3, { what: 'more ticks' });
    expect(client.isOpen()).toBe(true);
  });
});
