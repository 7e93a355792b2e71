import { BusError, type TaskBus } from '@booner/bus';
import { createMemoryBus } from '@booner/bus/memory';
import { type HostId, newTaskId } from '@booner/protocol';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { recordingLog } from '../testing/recording-log.ts';
import { TaskBoard } from './task-board.ts';
import { endAbandonedTasks, pruneTasks, repeatCancels } from './task-upkeep.ts';

const HOST = '10.0.0.2' as HostId;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

async function createExternal(bus: TaskBus) {
  const id = newTaskId();
  const task = { id, host: HOST, action: 'a', params: {}, idempotency: null, maxQueued: 25 };
  await bus.create({ ...task, offer: null });
  return id;
}

it('asks a runner again to cancel, every 15 s over all hubs, as long as the task runs', async () => {
  const memory = createMemoryBus();
  const bus = memory.startTasks({ waitMs: 0 });
  const instance = 'AAAAAAAAAAAA.BBBBBBBBBBBB';
  let cancels = 0;
  const onControl = ({ type }: { type: string }) => {
    if (type === 'cancel') cancels++;
  };
  const listener = { onOffer: () => {}, onControl, onServing: () => {}, onConnection: () => {} };
  const runner = memory.startRunner({ host: HOST, instance, listener });
  runner.present({ version: '0', running: [], actions: [], publicKey: { kty: 'OKP', crv: 'X25519', x: '' } });
  const id = newTaskId();
  const offer = { params: {}, sealedParams: null };
  await bus.create({ id, host: HOST, action: 'a', params: {}, offer, idempotency: null, maxQueued: 25 });
  await runner.report({ type: 'claim', host: HOST, instance, task: id });
  for (const report of await bus.nextReports(10)) await bus.apply(report);

  const board = new TaskBoard();
  const stop = new AbortController();
  const { log, lines } = recordingLog();
  board.load(await bus.readBoard(10));
  const hubs = [1, 2].map(() => repeatCancels({ bus, board, log }, { signal: stop.signal }));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(cancels).toBe(0);
  await bus.cancel(id);
  board.load(await bus.readBoard(10));
  await vi.advanceTimersByTimeAsync(61_000);
  expect(cancels).toBe(1 + 4);
  expect(lines).toEqual([]);
  stop.abort();
  await Promise.all(hubs);
});

it('forgets the ended tasks over the bounds, each minute, and none that goes on', async () => {
  const bus = createMemoryBus().startTasks({ waitMs: 0 });
  const open = await createExternal(bus);
  for (let i = 0; i < 1200; i++) {
    await bus.change(await createExternal(bus), { status: 'running' });
  }
  const { tasks } = await bus.list({ limit: 500 });
  for (const { id } of tasks.slice(0, 400)) await bus.change(id, { status: 'completed' });
  const { log, lines } = recordingLog();
  const stop = new AbortController();
  const retention = { maxEnded: 10, maxAgeMs: 3_600_000 };
  const done = pruneTasks({ bus, retention, log }, { signal: stop.signal });
  await vi.advanceTimersByTimeAsync(59_000);
  expect((await bus.readBoard(1000)).tasks).toHaveLength(1201);
  await vi.advanceTimersByTimeAsync(2000);
  expect((await bus.readBoard(1000)).tasks).toHaveLength(811);
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect((await bus.readBoard(1000)).tasks).toHaveLength(801);
  expect(await bus.read(open)).not.toBeNull();
  expect(lines.every(({ level }) => level === 'debug')).toBe(true);
  stop.abort();
  await done;
});

it('ends external tasks that nobody has updated for a day, and no others', async () => {
  const bus = createMemoryBus().startTasks({ waitMs: 0 });
  const [abandoned, updated] = [await createExternal(bus), await createExternal(bus)];
  const board = new TaskBoard();
  board.load(await bus.readBoard(10));
  const { log, lines } = recordingLog();
  const stop = new AbortController();
  const afterMs = 24 * 3_600_000;
  const done = endAbandonedTasks({ bus, board, afterMs, log }, { signal: stop.signal });
  await vi.advanceTimersByTimeAsync(afterMs - 60_000);
  await bus.change(updated, { status: 'queued' });
  expect(await bus.read(abandoned)).toMatchObject({ status: 'queued' });
  await vi.advanceTimersByTimeAsync(180_000);
  expect(await bus.read(abandoned)).toMatchObject({ status: 'failed', error: 'not updated for 24 h' });
  expect(await bus.read(updated)).toMatchObject({ status: 'queued' });
  const message = 'external tasks were ended: nobody updated them';
  expect(lines).toMatchObject([{ level: 'warn', message }]);
  stop.abort();
  await done;
});

it.each([
  ['a refusal once', 'refused', [{ level: 'warn', message: 'ended tasks cannot be pruned' }]],
  ['no outage, which the connection tells', 'timeout', []],
] as const)('logs %s', async (_, code, logged) => {
  const bus = createMemoryBus().startTasks();
  const { log, lines } = recordingLog();
  const stop = new AbortController();
  const prune = () => Promise.reject(new BusError(code, 'no answer'));
  const retention = { maxEnded: 10, maxAgeMs: 1 };
  const done = pruneTasks({ bus: { ...bus, prune }, retention, log }, { signal: stop.signal });
  await vi.advanceTimersByTimeAsync(300_000);
  expect(lines.filter(({ level }) => level !== 'debug')).toMatchObject(logged);
  stop.abort();
  await done;
});
