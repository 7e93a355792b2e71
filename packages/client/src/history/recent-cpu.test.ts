import type { TargetSummary } from '@booner/protocol';
import { expect, it } from 'vitest';
import { BoonerError } from '../http/booner-error.ts';
import type { Fleet } from '../status/fleet.ts';
import { createStore } from '../store/store.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createRecentCpu } from './recent-cpu.ts';
import { NO_POINTS } from './recent-series.ts';

const SPAN_MS = 300_000;
const SETTLE_MS = 150;
const T = 1_000_000;

/** A hub whose frames and answers the test provides. */
function startHub() {
  const clock = createFakeClock();
  let watchers = 0;
  const fleet = createStore<Fleet | null>(null, () => {
    watchers++;
    return () => watchers--;
  });
  const asked: string[][] = [];
  let answer: (hosts: readonly string[]) => Promise<unknown> = async () => ({ targets: [] });
  const { recentCpu } = createRecentCpu({
    fleet,
    clock,
    nowMs: clock.wallMs,
    readFleetHistory: (({ hosts }: { hosts: readonly string[] }) => {
      asked.push([...hosts]);
      return answer(hosts);
    }) as never,
  });
  return {
    recentCpu,
    asked,
    isWatched: () => watchers > 0,
    answerWith(next: typeof answer) {
      answer = next;
    },
    /** Lets a planned read start and its answer arrive. */
    async settle(ms = SETTLE_MS) {
      clock.pass(ms);
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    },
    send(sentAtMs: number, cpu: Record<string, [atMs: number, ratio: number]>) {
      const before = fleet.getSnapshot()?.targets;
      const targets = Object.entries(cpu).map(([host, [lastSeenAtMs, cpuUsageRatio]]) => {
        const known = before?.get(host);
        const isSame = known?.lastSeenAtMs === lastSeenAtMs;
        return [host, isSame ? known : ({ host, lastSeenAtMs, cpuUsageRatio } as TargetSummary)] as const;
      });
      fleet.set({ sentAtMs, intervalMs: 3000, targets: new Map(targets) } as unknown as Fleet);
    },
  };
}

it('has one point per sample, not one per frame', () => {
  const hub = startHub();
  const recent = hub.recentCpu('a');
  let changes = 0;
  const leave = recent.subscribe(() => changes++);
  hub.send(T, { a: [T - 100, 0.1] });
  const before = recent.getSnapshot();
  hub.send(T + 900, { a: [T - 100, 0.1] }); // another target has changed its status
  hub.send(T + 3000, { a: [T - 100, 0.1] });
  expect(recent.getSnapshot()).toBe(before);
  expect(before).toEqual({ times: [T - 100], values: [0.1] });
  hub.send(T + 6000, { a: [T + 5900, 0.2] });
  expect(recent.getSnapshot()).toEqual({ times: [T - 100, T + 5900], values: [0.1, 0.2] });
  expect(changes).toBe(2);
  leave();
  expect(hub.isWatched()).toBe(false);
});

it('records all targets while one of them is watched', () => {
  const hub = startHub();
  hub.recentCpu('a').subscribe(() => undefined);
  hub.send(T, { a: [T, 0.1], b: [T, 0.5] });
  hub.send(T + 3000, { a: [T + 3000, 0.2], b: [T + 3000, 0.6] });
  const other = hub.recentCpu('b');
  other.subscribe(() => undefined);
  expect(other.getSnapshot().values).toEqual([0.5, 0.6]);
});

it('asks the hub once for the past of a watched host, and again after frames were missed', async () => {
  const hub = startHub();
  hub.answerWith(async (hosts) => ({
    targets: hosts.map((host) => ({ host, times: [T - 6000, T - 3000], cpuUsageRatio: [0.1, null] })),
  }));
  const recent = hub.recentCpu('a');
  recent.subscribe(() => undefined);
  await hub.settle();
  expect(hub.asked).toEqual([]); // nothing can be filled before the first frame
  hub.send(T, { a: [T - 100, 0.3], b: [T - 100, 0.4] });
  await hub.settle();
  expect(recent.getSnapshot().values).toEqual([0.1, 0.3]);
  hub.recentCpu('b').subscribe(() => undefined);
  await hub.settle();
  hub.send(T + 3000, { a: [T + 2900, 0.3], b: [T + 2900, 0.4] });
  await hub.settle();
  expect(hub.asked).toEqual([['a'], ['b']]);
  hub.send(T + 30_000, { a: [T + 29_900, 0.3], b: [T + 29_900, 0.4] });
  await hub.settle();
  expect(hub.asked).toEqual([['a'], ['b'], ['a', 'b']]);
});

it('reads at most as many hosts per request as a hub allows, then the rest', async () => {
  const hub = startHub();
  const hosts = Array.from({ length: 150 }, (_, index) => `h${index}`);
  for (const host of hosts) hub.recentCpu(host).subscribe(() => undefined);
  hub.send(T, Object.fromEntries(hosts.map((host) => [host, [T, 0.5]])));
  await hub.settle();
  await hub.settle();
  expect(hub.asked.map((each) => each.length)).toEqual([100, 50]);
});

it('does not ask for hosts that are scrolled past', async () => {
  const hub = startHub();
  hub.recentCpu('a').subscribe(() => undefined);
  hub.send(T, { a: [T, 0.1], b: [T, 0.1], c: [T, 0.1], d: [T, 0.1] });
  for (const host of ['b', 'c']) {
    const leave = hub.recentCpu(host).subscribe(() => undefined);
    await hub.settle(SETTLE_MS - 1);
    leave();
  }
  hub.recentCpu('d').subscribe(() => undefined);
  await hub.settle();
  expect(hub.asked).toEqual([['a', 'd']]);
});

it('goes on without the past when the hub does not give it, and asks again later', async () => {
  const hub = startHub();
  hub.answerWith(() => Promise.reject(new BoonerError('not_found', '404')));
  const recent = hub.recentCpu('a');
  recent.subscribe(() => undefined);
  hub.send(T, { a: [T - 100, 0.3] });
  await hub.settle();
  hub.send(T + 3000, { a: [T + 2900, 0.4] });
  await hub.settle();
  expect(hub.asked).toHaveLength(1);
  expect(recent.getSnapshot().values).toEqual([0.3, 0.4]);
  await hub.settle(30_000);
  expect(hub.asked).toHaveLength(2);
});

it('cancels a planned read when the last watcher leaves', async () => {
  const hub = startHub();
  const leave = hub.recentCpu('a').subscribe(() => undefined);
  hub.send(T, { a: [T, 0.3] });
  leave();
  await hub.settle(60_000);
  expect(hub.asked).toEqual([]);
});

it('forgets targets that were removed', () => {
  const hub = startHub();
  const [a, b] = [hub.recentCpu('a'), hub.recentCpu('b')];
  for (const each of [a, b]) each.subscribe(() => undefined);
  hub.send(T, { a: [T, 0.3], b: [T, 0.3] });
  hub.send(T + SPAN_MS + 3000, { a: [T + SPAN_MS + 3000, 0.4] });
  expect(a.getSnapshot().values).toEqual([0.3, 0.4]);
  expect(b.getSnapshot()).toBe(NO_POINTS);
});
