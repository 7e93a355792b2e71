import { once } from 'node:events';
import { CLOSE_CODES, type Cursor, V2_SUBPROTOCOL } from '@booner/protocol';
import { eventually, type HubProcess, openTaskClient } from '@booner/testkit';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { hubMetric, residentBytes } from '../clients/hub-gauges.ts';
import { startObserver } from './observer.ts';
import { HOST, send, startTaskBed } from './task-bed.ts';
import { taskPictureOf } from './task-picture.ts';

const TRACKED = 5;
const PAUSED = 43;
const STOPPED = 2;
const SILENT = TRACKED + PAUSED + STOPPED;
/**
 * Loopback takes 4 to 6 MB for a client that does not read, and the hub queues 1 MiB more: some 500
 * of the largest events. They must arrive before the hub cuts clients that answer no pings.
 */
const RESULT = { text: 'x'.repeat(15_000) };
const CHANGES_AT_A_TIME = 20;
const MAX_EVENTS = 6000;
/** A backlog for each of them would take 50 MiB and more; the buffers are shared. */
const BUFFER_GROWTH_BYTES = 32 * 2 ** 20;
const RESIDENT_GROWTH_BYTES = 128 * 2 ** 20;

/** Opens sockets that discard their messages and are cut at the end. Each has its first message. */
async function openPlainClients({ wsUrl }: HubProcess, count: number) {
  const sockets = Array.from(
    { length: count },
    () => new WebSocket(`${wsUrl}/ws/tasks/updates`, [V2_SUBPROTOCOL], { perMessageDeflate: false }),
  );
  await Promise.all(sockets.map((socket) => once(socket, 'message')));
  return {
    sockets,
    [Symbol.dispose]: () => {
      for (const socket of sockets) socket.terminate();
    },
  };
}

it('fifty clients that fall silent while thousands of events flow cost little memory, delay no others, are closed as too slow, and miss nothing after they reconnect', async () => {
  await using bed = await startTaskBed({ hubs: 2, runnerEnv: null });
  const [hub, otherHub] = bed.hubs as [HubProcess, HubProcess];
  const created = await send(otherHub, 'POST', '/tasks', {
    body: { external: true, host: HOST, action: 'index', status: 'running' },
  });
  const path = `/tasks/${String(created.body.task_id)}`;
  await eventually(async () => (await hub.get(path)).status === 200, { what: 'the task' });
  let changes = 0;
  const changeSome = async () => {
    const step = async (offset: number) => {
      const body = { progress: (changes + offset) % 100, result: { ...RESULT, change: changes + offset } };
      expect((await send(otherHub, 'PATCH', path, { body })).status).toBe(200);
    };
    await Promise.all(Array.from({ length: CHANGES_AT_A_TIME }, (_, offset) => step(offset)));
    changes += CHANGES_AT_A_TIME;
  };

  await using processes = new AsyncDisposableStack();
  using closing = new DisposableStack();
  const steady = processes.use(await startObserver(hub, 2));
  const stopped = await Promise.all(
    Array.from({ length: STOPPED }, async () => processes.use(await startObserver(hub, 2))),
  );
  const tracked = await Promise.all(
    Array.from({ length: TRACKED }, async () =>
      closing.use(await openTaskClient(hub.url, { version: 2, perMessageDeflate: false })),
    ),
  );
  const paused = closing.use(await openPlainClients(hub, PAUSED));
  for (let warm = 0; warm < 10; warm += 1) await changeSome();
  const usage = async () => ({
    external: await hubMetric(hub, 'nodejs_external_memory_bytes'),
    resident: await residentBytes(hub.pid),
  });
  const before = await usage();

  for (const process of stopped) process.kill('SIGSTOP');
  for (const { socket } of [...tracked, ...paused.sockets.map((socket) => ({ socket }))]) socket.pause();
  const most = { ...before };
  const closedAsTooSlow = () => hubMetric(hub, 'booner_hub_task_closed_too_slow_total');
  await eventually(
    async () => {
      if (changes < MAX_EVENTS) await changeSome();
      const now = await usage();
      most.external = Math.max(most.external, now.external);
      most.resident = Math.max(most.resident, now.resident);
      return (await closedAsTooSlow()) === SILENT;
    },
    { deadlineMs: 240_000, everyMs: 1, what: 'the silent clients to be closed as too slow' },
  );
  for (const { socket } of tracked) socket.resume();
  expect(most.external - before.external).toBeLessThan(BUFFER_GROWTH_BYTES);
  expect(most.resident - before.resident).toBeLessThan(RESIDENT_GROWTH_BYTES);
  const codes = await Promise.all(tracked.map(async ({ closed }) => (await closed).code));
  // A client that does not read the close code within 2 s is cut.
  expect(codes.filter((code) => code !== CLOSE_CODES.tooSlow && code !== 1006)).toEqual([]);
  expect(changes).toBeGreaterThan(300);
  for (let missed = 0; missed < 20; missed += 1) await changeSome();

  for (const process of stopped) process.kill('SIGCONT');
  const all = (await bed.operator.xrange('booner:events', '-', '+')).map(([cursor]) => cursor);
  const last = all.at(-1)!;
  const eventsOf = (observer: typeof steady) =>
    observer
      .observations()
      .filter(({ type }) => type === 'event')
      .map(({ cursor }) => cursor);
  const firstCursor = (observer: typeof steady) => observer.observations()[0]!.cursor;
  await eventually(() => [steady, ...stopped].every((each) => eventsOf(each).at(-1) === last), {
    what: 'every process to have the last event',
  });
  for (const observer of [steady, ...stopped])
    expect(eventsOf(observer)).toEqual(all.slice(all.indexOf(firstCursor(observer)) + 1));
  for (const observer of stopped) {
    expect(observer.closes()).toHaveLength(1);
    expect(
      observer
        .observations()
        .filter(({ type }) => type !== 'event')
        .map(({ type }) => type),
    ).toEqual(['snapshot', 'resumed']);
  }
  expect(steady.closes()).toEqual([]);

  for (const client of tracked) {
    const messages = client.received.map(({ message }) => message);
    const cursor = taskPictureOf(messages).cursors.at(-1) as Cursor;
    using back = await openTaskClient(otherHub.url, { version: 2, query: { cursor } });
    const joined = () => taskPictureOf([...messages, ...back.received.map(({ message }) => message)]);
    await eventually(() => joined().cursors.at(-1) === last, { what: 'what was missed' });
    const { cursors, problems, snapshots, resumptions } = joined();
    expect({ problems, snapshots, resumptions }).toEqual({ problems: [], snapshots: 1, resumptions: 1 });
    expect(cursors).toEqual(all.slice(all.indexOf(cursors[0]!)));
    expect(back.received[0]!.message).toEqual({ type: 'resumed', cursor, bus: 'connected' });
  }
});
