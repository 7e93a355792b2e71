import type { Fleet } from '@booner/client';
import { expect, it } from 'vitest';
import { createRecentHistory, RECENT_MS } from './recent-history.ts';
import { NO_POINTS } from './recent-series.ts';

/** A hub whose frames and answers the test makes. */
function startHub() {
  let fleet: Fleet | null = null;
  let listener: (() => void) | null = null;
  const asked: string[][] = [];
  let answer: (hosts: string[]) => Promise<unknown> = async () => ({ targets: [] });
  const history = createRecentHistory({
    nowMs: () => 0,
    fleet: {
      getSnapshot: () => fleet,
      subscribe(next: () => void) {
        listener = next;
        return () => {
          listener = null;
        };
      },
    },
    async readFleetHistory({ hosts }: { hosts: readonly string[] }) {
      asked.push([...hosts]);
      return answer([...hosts]);
    },
  } as unknown as Parameters<typeof createRecentHistory>[0]);
  return {
    history,
    asked,
    answerWith: (next: typeof answer) => {
      answer = next;
    },
    isWatched: () => listener !== null,
    send(sentAtMs: number, cpu: Record<string, [atMs: number, ratio: number]>) {
      const targets = Object.entries(cpu).map(([host, [lastSeenAtMs, cpuUsageRatio]]) => {
        const before = fleet?.targets.get(host);
        const isSame = before?.lastSeenAtMs === lastSeenAtMs;
        return [host, isSame ? before : { host, lastSeenAtMs, cpuUsageRatio }] as const;
      });
      fleet = { sentAtMs, intervalMs: 3000, targets: new Map(targets) } as unknown as Fleet;
      listener?.();
    },
  };
}
const never = new AbortController().signal;
const T = 1_000_000;

it('records each sample once while somebody watches', () => {
  const hub = startHub();
  const leave = hub.history.subscribe(() => {});
  hub.send(T, { a: [T - 100, 0.1] });
  hub.send(T + 3000, { a: [T - 100, 0.1] });
  const before = hub.history.cpuOf('a');
  expect(before).toEqual({ times: [T - 100], values: [0.1] });
  hub.send(T + 6000, { a: [T + 5900, 0.2] });
  expect(hub.history.cpuOf('a').values).toEqual([0.1, 0.2]);
  expect(hub.history.toMs()).toBe(T + 6000);
  leave();
  expect(hub.isWatched()).toBe(false);
});

it('asks the hub once for the past of a host, and again after frames were missed', async () => {
  const hub = startHub();
  hub.history.subscribe(() => {});
  hub.send(T, { a: [T - 100, 0.3], b: [T - 100, 0.4] });
  hub.answerWith(async (hosts) => ({
    targets: hosts.map((host) => ({ host, times: [T - 6000, T - 3000], cpuUsageRatio: [0.1, null] })),
  }));
  await hub.history.fill(['a'], never);
  await hub.history.fill(['a', 'b'], never);
  expect(hub.asked).toEqual([['a'], ['b']]);
  expect(hub.history.cpuOf('a').values).toEqual([0.1, 0.3]);
  hub.send(T + 3000, { a: [T + 2900, 0.3] });
  await hub.history.fill(['a'], never);
  hub.send(T + 30_000, { a: [T + 29_900, 0.3] });
  await hub.history.fill(['a'], never);
  expect(hub.asked).toEqual([['a'], ['b'], ['a']]);
});

it('goes on without the past when the hub does not give it', async () => {
  const hub = startHub();
  hub.history.subscribe(() => {});
  hub.send(T, { a: [T - 100, 0.3] });
  hub.answerWith(async () => Promise.reject(new Error('404')));
  await hub.history.fill(['a'], never);
  await hub.history.fill(['a'], never);
  expect(hub.asked).toHaveLength(1);
  expect(hub.history.cpuOf('a').values).toEqual([0.3]);
});

it('forgets hosts that are gone', () => {
  const hub = startHub();
  hub.history.subscribe(() => {});
  hub.send(T, { a: [T, 0.3], b: [T, 0.3] });
  hub.send(T + RECENT_MS + 3000, { a: [T + RECENT_MS + 3000, 0.4] });
  expect(hub.history.cpuOf('a').values).toEqual([0.3, 0.4]);
  expect(hub.history.cpuOf('b')).toBe(NO_POINTS);
});
