import { type BusConnection, BusError, type TaskBus } from '@booner/bus';
import { createMemoryBus } from '@booner/bus/memory';
import { type HostId, newTaskId, START_CURSOR, type TaskId } from '@booner/protocol';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { recordingLog } from '../testing/recording-log.ts';
import { endLostTasks, LostTasks } from './lost-tasks.ts';
import { TaskBoard } from './task-board.ts';

const HOST = '10.0.0.2' as HostId;
const INSTANCE = 'AAAAAAAAAAAA.BBBBBBBBBBBB';
const PRESENCE = {
  version: '0.0.0',
  running: [],
  actions: [],
  publicKey: { kty: 'OKP', crv: 'X25519', x: '' },
} as const;

afterEach(() => {
  vi.useRealTimers();
});

/** A bus with a runner on {@link HOST} that runs one task, beside a queued and an external one. */
async function startWorld({ idempotent = false } = {}) {
  const memory = createMemoryBus();
  const bus = memory.startTasks({ waitMs: 0 });
  const runner = memory.startRunner({
    host: HOST,
    instance: INSTANCE,
    listener: { onOffer: () => {}, onControl: () => {}, onServing: () => {}, onConnection: () => {} },
  });
  runner.present({ ...PRESENCE, running: [], actions: [] });
  const create = async (offer: { params: object; sealedParams: null } | null): Promise<TaskId> => {
    const id = newTaskId();
    const task = { id, host: HOST, action: 'a', params: {}, idempotency: null, maxQueued: 25 };
    await bus.create({ ...task, offer: offer as never });
    return id;
  };
  const id = await create({ params: {}, sealedParams: null });
  await create({ params: {}, sealedParams: null });
  await bus.change(await create(null), { status: 'running' });
  await runner.report({ type: 'claim', host: HOST, instance: INSTANCE, task: id, idempotent });
  for (const report of await bus.nextReports(10)) await bus.apply(report);
  const board = new TaskBoard();
  board.load(await bus.readBoard(10));
  expect(board.get(id)?.status).toBe('running');
  return { bus, board, runner, id };
}

/**
 * Starts a hub that watches by a clock of the test's own, by default past the grace period after
 * its start.
 */
async function watch(board: TaskBoard, bus: TaskBus, { graceSeconds = 30 } = {}) {
  let nowMs = 1000;
  let connection: BusConnection = { state: 'connected', sinceMs: 1 };
  const { log, lines } = recordingLog();
  const lostTasks = new LostTasks({
    bus: { ...bus, connection: () => connection },
    board,
    log,
    nowMs: () => nowMs,
  });
  const hub = {
    lines,
    connect: (next: BusConnection) => {
      connection = next;
    },
    /** Looks every 2 s. */
    async pass(seconds: number) {
      for (let each = 0; each < seconds; each += 2) {
        nowMs += 2000;
        await lostTasks.check();
      }
    },
    skip(seconds: number) {
      nowMs += seconds * 1000;
    },
  };
  await lostTasks.check();
  await hub.pass(graceSeconds);
  return hub;
}

describe('ending the tasks of lost runners', () => {
  it('ends what a runner ran whose presence is missed for 11 s, once, however many hubs watch', async () => {
    const { bus, board, runner, id } = await startWorld();
    const hubs = [await watch(board, bus), await watch(board, bus), await watch(board, bus)];
    await runner.leave();
    for (const hub of hubs) await hub.pass(12);
    expect(await bus.read(id)).toMatchObject({ status: 'running' });
    for (const hub of hubs) await hub.pass(2);
    expect(await bus.read(id)).toMatchObject({ status: 'failed', error: 'agent lost' });
    expect(hubs.flatMap(({ lines }) => lines)).toHaveLength(1);
    const events = await bus.readEvents(START_CURSOR, 100);
    expect(events !== 'trimmed' && events.filter(({ kind }) => kind === 'ended')).toHaveLength(1);
    const { tasks } = await bus.readBoard(10);
    // The external task continues.
    expect(tasks.map(({ status }) => status).sort()).toEqual(['failed', 'queued', 'running']);
  });

  it('queues again what may be started again, once, and says so', async () => {
    const { bus, board, runner, id } = await startWorld({ idempotent: true });
    const hubs = [await watch(board, bus), await watch(board, bus)];
    await runner.leave();
    for (const hub of hubs) await hub.pass(14);
    expect(await bus.read(id)).toMatchObject({ status: 'queued', attempt: 1 });
    expect(hubs.flatMap(({ lines }) => lines)).toMatchObject([
      { message: 'a task was queued again: its runner is lost' },
    ]);
    board.load(await bus.readBoard(10));
    for (const hub of hubs) await hub.pass(60);
    expect(await bus.read(id)).toMatchObject({ status: 'queued', attempt: 1 });
  });

  it.each([0, 400, 1000, 1600, 1999])(
    'ends a task within 30 s of the last sign of life, and not much before: %i ms after a look',
    async (afterMs) => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
      const { bus, board, runner, id } = await startWorld();
      const stop = new AbortController();
      const done = endLostTasks({ bus, board, log: recordingLog().log }, { signal: stop.signal });
      await vi.advanceTimersByTimeAsync(60_000 + afterMs);
      await runner[Symbol.asyncDispose](); // its presence outlives it, as after SIGKILL
      await vi.advanceTimersByTimeAsync(25_000);
      expect(await bus.read(id)).toMatchObject({ status: 'running' });
      await vi.advanceTimersByTimeAsync(5000);
      expect(await bus.read(id)).toMatchObject({ status: 'failed', error: 'agent lost' });
      stop.abort();
      await done;
    },
  );

  it('ignores a runner that reconnects in time', async () => {
    const { bus, board, runner, id } = await startWorld();
    const hub = await watch(board, bus);
    await runner.leave();
    await hub.pass(12);
    runner.present({ ...PRESENCE, running: [], actions: [] });
    await hub.pass(4);
    await runner.leave();
    await hub.pass(12);
    expect(await bus.read(id)).toMatchObject({ status: 'running' });
  });

  it('waits for 30 s after its start, in which runners may still reconnect', async () => {
    const { bus, board, runner, id } = await startWorld();
    await runner.leave();
    const hub = await watch(board, bus, { graceSeconds: 28 });
    expect(await bus.read(id)).toMatchObject({ status: 'running' });
    await hub.pass(2);
    expect(await bus.read(id)).toMatchObject({ status: 'failed' });
  });

  it('starts afresh after an outage of the bus, however it recovered', async () => {
    const { bus, board, runner, id } = await startWorld();
    const hub = await watch(board, bus);
    await runner.leave();
    await hub.pass(12);
    hub.connect({ state: 'disconnected', sinceMs: 2, reason: 'gone' });
    await hub.pass(60);
    hub.connect({ state: 'connected', sinceMs: 3 });
    await hub.pass(28);
    hub.connect({ state: 'connected', sinceMs: 4 }); // away and back between two looks
    await hub.pass(30);
    expect(await bus.read(id)).toMatchObject({ status: 'running' });
    await hub.pass(2);
    expect(await bus.read(id)).toMatchObject({ status: 'failed' });
  });

  it('begins anew when the hub itself did not look for a while', async () => {
    const { bus, board, runner, id } = await startWorld();
    const hub = await watch(board, bus);
    await runner.leave();
    await hub.pass(12);
    hub.skip(3600);
    await hub.pass(30);
    expect(await bus.read(id)).toMatchObject({ status: 'running' });
    await hub.pass(2);
    expect(await bus.read(id)).toMatchObject({ status: 'failed' });
  });

  it('goes on after a look that failed, and logs a refusal once', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
    const { bus, board, runner, id } = await startWorld();
    const { log, lines } = recordingLog();
    let isRefused = true;
    const readPresentHosts: TaskBus['readPresentHosts'] = (hosts) =>
      isRefused ? Promise.reject(new BusError('refused', 'no permission')) : bus.readPresentHosts(hosts);
    const stop = new AbortController();
    const done = endLostTasks({ bus: { ...bus, readPresentHosts }, board, log }, { signal: stop.signal });
    await runner.leave();
    await vi.advanceTimersByTimeAsync(40_000);
    expect(await bus.read(id)).toMatchObject({ status: 'running' });
    expect(lines).toHaveLength(1);
    isRefused = false;
    await vi.advanceTimersByTimeAsync(34_000);
    expect(await bus.read(id)).toMatchObject({ status: 'failed', error: 'agent lost' });
    expect(lines.map(({ level }) => level)).toEqual(['warn', 'info', 'warn']); // refused, recovered, ended
    stop.abort();
    await done;
  });
});
