import { createStore, type Fleet, type RecentPoints } from '@booner/client';
import { expect, it } from 'vitest';
import { followLoads, HISTORY_CELLS } from './load-history.ts';

const HOST = '10.0.0.2';
const NOW_MS = 1_000_000;
const CELL_MS = 60_000 / HISTORY_CELLS;

function loadsOf(points: readonly (readonly [agoMs: number, value: number | null])[], intervalMs = 3000) {
  const frame = (sentAtMs: number) =>
    ({
      sentAtMs,
      intervalMs: 3000,
      targets: new Map([[HOST, { host: HOST, intervalMs }]]),
    }) as unknown as Fleet;
  const fleet = createStore<Fleet | null>(frame(NOW_MS));
  let watchers = 0;
  const recent = createStore<RecentPoints>(
    { times: points.map(([agoMs]) => NOW_MS - agoMs), values: points.map(([, value]) => value) },
    () => {
      watchers++;
      return () => watchers--;
    },
  );
  const loads = followLoads({ fleet, recentCpu: () => recent });
  return {
    loads,
    isWatched: () => watchers > 0,
    send: (sentAtMs: number) => fleet.set(frame(sentAtMs)),
    remove: () => fleet.set({ ...frame(NOW_MS), targets: new Map() }),
  };
}

const everyMs = (intervalMs: number, fromAgoMs = 90_000) =>
  Array.from(
    { length: Math.floor(fromAgoMs / intervalMs) },
    (_, index) => [fromAgoMs - index * intervalMs, 0.5] as const,
  );

it('shows one cell per time span, however many frames arrive', () => {
  const { loads, send } = loadsOf([
    [4000, 0.1],
    [1000, 0.9],
  ]);
  expect(loads.of(HOST).slice(-3)).toEqual([null, 0.1, 0.9]);
  for (const laterMs of [200, 400, 600]) send(NOW_MS + laterMs); // frames for status changes
  expect(loads.of(HOST).slice(-3)).toEqual([null, 0.1, 0.9]);
  send(NOW_MS + CELL_MS);
  expect(loads.of(HOST).slice(-3)).toEqual([0.1, 0.9, 0.9]);
});

it.each([500, 3000, 3400, 10_000])('has no gap between samples every %i ms', (intervalMs) => {
  const { loads } = loadsOf(everyMs(intervalMs), intervalMs);
  expect(loads.of(HOST)).toEqual(new Array(HISTORY_CELLS).fill(0.5));
});

it('has a gap while the host was silent', () => {
  const { loads } = loadsOf(everyMs(3000).filter(([agoMs]) => agoMs > 40_000 || agoMs < 10_000));
  const cells = loads.of(HOST);
  expect(cells[0]).toBe(0.5);
  expect(cells.slice(10, 15)).toEqual([null, null, null, null, null]);
  expect(cells.at(-1)).toBe(0.5);
});

it('watches targets while they exist, and none after its end', () => {
  const { loads, isWatched, remove, send } = loadsOf([]);
  expect(isWatched()).toBe(true);
  remove();
  expect(isWatched()).toBe(false);
  expect(loads.of(HOST)).toEqual([]);
  send(NOW_MS + 1);
  expect(isWatched()).toBe(true);
  loads.end();
  expect(isWatched()).toBe(false);
});
