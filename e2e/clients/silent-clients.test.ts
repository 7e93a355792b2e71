import { once } from 'node:events';
import { join } from 'node:path';
import { V2_SUBPROTOCOL } from '@booner/protocol';
import {
  eventually,
  type HubProcess,
  openStatusClient,
  startHub,
  startProcess,
  startRedis,
  startTcpProxy,
} from '@booner/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { hubMetric, residentBytes, streamClients } from './hub-gauges.ts';
import { closed, openRawWebSocket } from './raw-connection.ts';
import { registerFleet, type SimulatedFleet } from './simulated-fleet.ts';
import { pictureOf } from './status-picture.ts';

const INTERVAL_MS = 500;
/**
 * About 1 MB per broadcast of version 1 and 0.6 MB per patch of version 2. Loopback buffers 4 MB
 * for a client that does not read.
 */
const FLEET = { size: 2000, labelLength: 450 };
const PUBLISHED_EACH_INTERVAL = 500;
const STUCK_CLIENTS = 50;
const STOPPED_PROCESSES = 2;
/**
 * A few frames. Queueing them for the stuck clients would take some 130 MB before these are closed.
 */
const BUFFER_GROWTH_BYTES = 64 * 2 ** 20;
/** Garbage of a megabyte of text twice a second fits into this. */
const RESIDENT_GROWTH_BYTES = 256 * 2 ** 20;

const resources = new AsyncDisposableStack();
let redisUrl: string;
let fleet: SimulatedFleet;

beforeAll(async () => {
  redisUrl = resources.use(await startRedis()).url;
  fleet = resources.use(await registerFleet(redisUrl, FLEET));
});
afterAll(() => resources.disposeAsync());

const startFleetHub = () => startHub({ redisUrl, env: { BOONER_INTERVAL_MS: `${INTERVAL_MS}` } });

/** Publishes enough each interval to make every patch large, until it is disposed of. */
function keepPublishing() {
  let publishing = Promise.resolve();
  const timer = setInterval(() => {
    publishing = publishing.then(() => fleet.publish(PUBLISHED_EACH_INTERVAL));
  }, INTERVAL_MS);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await publishing;
    },
  };
}

/** Opens sockets that discard their messages and are cut at the end. */
function openPlainClients({ wsUrl }: HubProcess, count: number) {
  const sockets = Array.from({ length: count }, (_, index) => {
    const protocols = index % 2 === 0 ? [] : [V2_SUBPROTOCOL];
    return new WebSocket(`${wsUrl}/ws/system/status`, protocols, { perMessageDeflate: false });
  });
  return {
    sockets,
    ready: Promise.all(sockets.map((socket) => once(socket, 'message'))),
    [Symbol.dispose]: () => {
      for (const socket of sockets) socket.terminate();
    },
  };
}

/** Counts a client's messages without keeping them. */
function countMessages(socket: WebSocket) {
  let count = 0;
  socket.on('message', () => {
    count += 1;
  });
  return { count: () => count };
}

/** A client in a process of its own, which has its first message. */
async function startReadingProcess({ wsUrl }: HubProcess) {
  const script = join(import.meta.dirname, 'reading-process.ts');
  const args = [script, `${wsUrl}/ws/system/status`, V2_SUBPROTOCOL];
  const process = await startProcess({ command: globalThis.process.execPath, args });
  await eventually(() => process.lines.stdout.includes('open'), {
    what: 'a client process to connect',
  });
  return process;
}

describe('a client that falls silent', () => {
  it('costs little memory, delays no other client, is closed, and starts afresh when it reconnects: fifty that stop reading, two that are stopped', async () => {
    await using hub = await startFleetHub();
    await using _publishing = keepPublishing();
    await using processes = new AsyncDisposableStack();
    const stopped = await Promise.all(
      Array.from({ length: STOPPED_PROCESSES }, async () => processes.use(await startReadingProcess(hub))),
    );
    using readers = openPlainClients(hub, 2);
    const arrivals = readers.sockets.map(countMessages);
    using stuck = openPlainClients(hub, STUCK_CLIENTS);
    await Promise.all([readers.ready, stuck.ready]);
    const usage = async () => ({
      external: await hubMetric(hub, 'nodejs_external_memory_bytes'),
      resident: await residentBytes(hub.pid),
    });
    await eventually(() => arrivals.every(({ count }) => count() > 20), {
      what: 'memory to settle over some broadcasts',
    });
    const before = await usage();

    const countsBefore = arrivals.map(({ count }) => count());
    for (const socket of stuck.sockets) socket.pause();
    for (const process of stopped) process.kill('SIGSTOP');
    const most = { ...before };
    await eventually(
      async () => {
        const now = await usage();
        most.external = Math.max(most.external, now.external);
        most.resident = Math.max(most.resident, now.resident);
        return (await streamClients(hub)) === readers.sockets.length;
      },
      { deadlineMs: 120_000, everyMs: 250, what: 'the silent clients to be closed' },
    );
    expect(most.external - before.external).toBeLessThan(BUFFER_GROWTH_BYTES);
    expect(most.resident - before.resident).toBeLessThan(RESIDENT_GROWTH_BYTES);
    expect(await hubMetric(hub, 'booner_hub_frames_skipped_total')).toBeGreaterThan(0);
    for (const [index, { count }] of arrivals.entries())
      expect(count()).toBeGreaterThan(countsBefore[index]!);

    for (const process of stopped) process.kill('SIGCONT');
    for (const process of stopped) {
      await eventually(() => process.lines.stdout.some((line) => line.startsWith('closed')), {
        what: 'a resumed process to notice that it was closed',
      });
    }
    using returned = await openStatusClient(hub.url, { version: 2 });
    await eventually(() => returned.received.length >= 3, { what: 'the stream to go on' });
    expect(returned.received[0]?.message).toMatchObject({ type: 'snapshot' });
    expect(pictureOf(returned.received.map(({ message }) => message)).targets.size).toBe(FLEET.size);
  });

  it('is closed if it answers no ping, or is unreachable; one that answers stays', async () => {
    await using hub = await startHub({ env: { BOONER_INTERVAL_MS: `${INTERVAL_MS}` } });
    await using proxy = await startTcpProxy({ targetPort: hub.port });
    using steady = await openStatusClient(hub.url, { version: 1 });
    using beyond = await openStatusClient(`http://127.0.0.1:${proxy.port}`, { version: 2 });
    const mute = await openRawWebSocket(hub.port);
    const muteClosed = closed(mute.resume(), 120_000);
    expect(await streamClients(hub)).toBe(3);
    proxy.pause();
    await eventually(async () => (await streamClients(hub)) === 1, {
      deadlineMs: 120_000,
      everyMs: 250,
      what: 'both to be closed',
    });
    await muteClosed;
    expect(steady.isOpen()).toBe(true);
    expect(beyond.isOpen()).toBe(true); // it cannot know
  });
});
