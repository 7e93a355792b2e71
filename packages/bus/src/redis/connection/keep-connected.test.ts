import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { BusError } from '../../bus-error.ts';
import type { BusConnection } from '../../ports.ts';
import { keepConnected } from './keep-connected.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'], now: 1000 });
});
afterEach(() => {
  vi.useRealTimers();
});

/**
 * Runs with attempts that fail at once (an error, or `string`: the reason) or hold for some
 * milliseconds and then end.
 */
function run(outcomes: (string | number | BusError)[], random = () => 1) {
  const attemptsMs: number[] = [];
  const reported: BusConnection[] = [];
  const link = keepConnected({
    open: async ({ end }) => {
      attemptsMs.push(Date.now() - 1000);
      const outcome = outcomes.shift() ?? 'nobody there';
      if (outcome instanceof BusError) throw outcome;
      if (typeof outcome === 'string') throw new BusError('disconnected', outcome);
      setTimeout(end, outcome, new BusError('disconnected', 'cut off'));
      return undefined;
    },
    onConnection: (connection) => void reported.push(connection),
    random,
  });
  return { link, attemptsMs, reported };
}

it('tries again after 100 ms at most, then twice as long each time, up to 5 s', async () => {
  const { attemptsMs } = run([]);
  await vi.advanceTimersByTimeAsync(20_000);
  const gapsMs = attemptsMs.slice(1).map((atMs, index) => atMs - attemptsMs[index]!);
  expect(gapsMs).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000]);
});

it('draws the delay from the whole range', async () => {
  const { attemptsMs } = run([], () => 0.25);
  await vi.advanceTimersByTimeAsync(110);
  expect(attemptsMs).toEqual([0, 25, 75]);
});

it('reports an outage once, and keeps its latest reason', async () => {
  const { link, reported } = run(['first', 'second', 60_000]);
  expect(link.connection()).toEqual({ state: 'connecting', sinceMs: 1000 });
  await vi.advanceTimersByTimeAsync(150);
  expect(link.connection()).toEqual({ state: 'disconnected', sinceMs: 1000, reason: 'second' });
  await vi.advanceTimersByTimeAsync(70_000);
  expect(reported).toEqual([
    { state: 'disconnected', sinceMs: 1000, reason: 'first' },
    { state: 'connected', sinceMs: 1300 },
    { state: 'disconnected', sinceMs: 61_300, reason: 'cut off' },
  ]);
});

it('reports once more when the bus can be reached again and refuses, however often it does so', async () => {
  const refused = () => new BusError('refused', 'wrong password');
  const { reported } = run([60_000, 'away', refused(), 'away', refused(), 60_000, refused(), refused()]);
  await vi.advanceTimersByTimeAsync(150_000);
  expect(
    reported.map((connection) => ('reason' in connection ? connection.reason : connection.state)),
  ).toEqual(['connected', 'cut off', 'wrong password', 'connected', 'cut off', 'wrong password']);
});

it('does not hammer a server that drops each connection soon, and starts afresh after a session that held', async () => {
  const { attemptsMs } = run([10, 10, 10, 60_000, 'gone']);
  await vi.advanceTimersByTimeAsync(62_000);
  expect(attemptsMs.slice(0, 6)).toEqual([0, 110, 320, 730, 60_830, 61_030]);
});

it('stops in the middle of a wait, reports nothing more, and can be stopped again', async () => {
  const { link, attemptsMs, reported } = run(['first']);
  await vi.advanceTimersByTimeAsync(50);
  await link.stop();
  await link.stop();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(attemptsMs).toEqual([0]);
  expect(reported).toHaveLength(1);
  expect(link.connection()).toMatchObject({ state: 'disconnected', reason: 'stopped' });
});

it('lets waiters wait through failed attempts until there is a connection', async () => {
  const { link } = run(['first', 'second', 60_000]);
  const { signal } = new AbortController();
  const waiting = Promise.all([link.whenConnected(signal), link.whenConnected(signal)]);
  let isConnected = false;
  void waiting.then(() => {
    isConnected = true;
  });
  await vi.advanceTimersByTimeAsync(299);
  expect(isConnected).toBe(false);
  await vi.advanceTimersByTimeAsync(2);
  expect(await waiting).toEqual([true, true]);
  expect(await link.whenConnected(signal)).toBe(true);
});

it('ends waits with false when the signal aborts, and when it is stopped', async () => {
  const { link } = run([]);
  const aborting = new AbortController();
  const aborted = link.whenConnected(aborting.signal);
  const stopped = link.whenConnected(new AbortController().signal);
  aborting.abort();
  expect(await aborted).toBe(false);
  await link.stop();
  expect(await stopped).toBe(false);
  expect(await link.whenConnected(new AbortController().signal)).toBe(false);
});
