import { BusError } from '@booner/bus';
import { parseHostId, type Task } from '@booner/protocol';
import { expect, it } from 'vitest';
import { LongTasks } from './long-tasks.ts';
import { usualMs } from './usual-duration.ts';

const [FIRST, SECOND] = [parseHostId('10.0.0.2')!, parseHostId('10.0.0.3')!];
const MINUTE_MS = 60_000;

const completed = (host: string, minutes: number): Task =>
  ({ host, action: 'backup', startedAtMs: 0, endedAtMs: minutes * MINUTE_MS }) as Task;
const tasks = (host: string, ...minutes: number[]) => minutes.map((each) => completed(host, each));
const ONE_TO_TEN = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

it('the usual duration is that of 95 % of the tasks on the host, or on all', () => {
  expect(usualMs(tasks(FIRST, ...ONE_TO_TEN.slice(1)), FIRST)).toBeNull();
  expect(usualMs(tasks(FIRST, ...ONE_TO_TEN), FIRST)).toBe(10 * MINUTE_MS);
  expect(usualMs(tasks(FIRST, ...ONE_TO_TEN), SECOND)).toBe(10 * MINUTE_MS);
  const many = tasks(FIRST, ...Array.from({ length: 100 }, (_, index) => index + 1));
  expect(usualMs(many, FIRST)).toBe(95 * MINUTE_MS);
  expect(usualMs([...many, ...tasks(SECOND, ...ONE_TO_TEN)], SECOND)).toBe(10 * MINUTE_MS);
});

function start(history: readonly Task[]) {
  const state = { nowMs: 0, running: [] as Task[], isConnected: true, reads: 0 };
  const long = new LongTasks({
    bus: {
      list: async () => {
        state.reads++;
        if (!state.isConnected) throw new BusError('disconnected', 'away');
        return { tasks: history, next: null };
      },
    },
    board: { tasks: () => state.running },
    nowMs: () => state.nowMs,
    onFailure: () => {},
  });
  const look = async (minutes: number) => {
    state.nowMs = minutes * MINUTE_MS;
    const hosts = [...long.look()];
    await new Promise<void>((resolve) => setImmediate(resolve));
    return hosts;
  };
  return { long, look, state };
}
const running = { host: FIRST, action: 'backup', status: 'running', startedAtMs: 0, endedAtMs: null } as Task;

it('a task is slow once it runs for over twice as long as usual, until it ends', async () => {
  const { long, look, state } = start(tasks(FIRST, ...ONE_TO_TEN));
  state.running = [running];
  expect(await look(0.5)).toEqual([]);
  expect(await look(2)).toEqual([FIRST]);
  expect(long.of(FIRST)).toEqual([{ action: 'backup', isSlow: false }]);
  await look(20);
  expect(long.of(FIRST)).toEqual([{ action: 'backup', isSlow: false }]);
  await look(20.1);
  expect(long.of(FIRST)).toEqual([{ action: 'backup', isSlow: true }]);
  state.running = [];
  expect(await look(21)).toEqual([FIRST]);
  expect(long.of(FIRST)).toEqual([]);
});

it('a task of seconds is not slow within a minute, and one without a history never is', async () => {
  const { long, look, state } = start(tasks(FIRST, ...ONE_TO_TEN.map((each) => each / 60)));
  state.running = [running];
  expect(await look(0.9)).toEqual([]);
  await look(1.1);
  expect(long.of(FIRST)).toEqual([{ action: 'backup', isSlow: true }]);
  const other = start([]);
  other.state.running = [running];
  await other.look(500);
  expect(other.long.of(FIRST)).toEqual([{ action: 'backup', isSlow: false }]);
});

it('is unknown until the history could be read, which is not asked for at each look', async () => {
  const { long, look, state } = start(tasks(FIRST, ...ONE_TO_TEN));
  state.running = [running];
  state.isConnected = false;
  await look(30);
  await look(30.01);
  expect([state.reads, long.of(FIRST)]).toEqual([1, [{ action: 'backup', isSlow: null }]]);
  state.isConnected = true;
  await look(31);
  await look(32);
  expect([state.reads, long.of(FIRST)]).toEqual([2, [{ action: 'backup', isSlow: true }]]);
});
