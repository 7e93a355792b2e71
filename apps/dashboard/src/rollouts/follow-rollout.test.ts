import type { Rollout } from '@booner/protocol';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  type FollowDeps,
  followRollout,
  MIN_INTERVAL_MS,
  type RolloutState,
  type RolloutStore,
  takeRollout,
} from './follow-rollout.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const rolloutOf = (version: number, statuses: readonly string[] = ['waiting', 'waiting']): Rollout =>
  ({
    id: 'r',
    version,
    hosts: statuses.map((status, index) => ({ host: `10.0.0.${index}`, status })),
  }) as unknown as Rollout;

function startBed(read: FollowDeps['read']) {
  let state: RolloutState = { rollout: null, error: null, isUnknown: false };
  const store: RolloutStore = {
    getSnapshot: () => state,
    set: (next) => {
      state = next;
    },
  };
  let isHidden = false;
  const listeners = new Set<() => void>();
  const stop = new AbortController();
  const done = followRollout(
    {
      read,
      isUnknown: () => false,
      page: {
        isHidden: () => isHidden,
        onChange(listener) {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
      },
      nowMs: () => Date.now(),
      random: () => 1,
    },
    store,
    stop.signal,
  );
  return {
    store,
    state: () => state,
    listeners,
    setHidden(next: boolean) {
      isHidden = next;
      for (const listener of [...listeners]) listener();
    },
    async end() {
      stop.abort();
      await done;
    },
  };
}

test('asks for versions after the one it knows, at most every 250 ms', async () => {
  const asked: (readonly [after: number | undefined, atMs: number])[] = [];
  const startMs = Date.now();
  const bed = startBed(async ({ after }) => {
    asked.push([after, Date.now() - startMs]);
    return rolloutOf((after ?? 0) + 1);
  });
  await vi.advanceTimersByTimeAsync(3 * MIN_INTERVAL_MS - 1);
  expect(asked).toEqual([
    [undefined, 0],
    [1, MIN_INTERVAL_MS],
    [2, 2 * MIN_INTERVAL_MS],
  ]);
  await bed.end();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toHaveLength(3);
  expect(bed.listeners.size).toBe(0);
});

test('backs off while the hub does not answer, keeps what it knows, and goes on', async () => {
  let answers = [() => rolloutOf(1), ...Array.from({ length: 3 }, () => null)];
  let count = 0;
  const bed = startBed(async () => {
    count += 1;
    const [first, ...rest] = answers;
    answers = rest;
    if (first == null) throw new Error('the hub cannot be reached');
    return first();
  });
  await vi.advanceTimersByTimeAsync(MIN_INTERVAL_MS);
  expect(bed.state()).toMatchObject({
    rollout: { version: 1 },
    error: new Error('the hub cannot be reached'),
  });
  expect(count).toBe(2);
  await vi.advanceTimersByTimeAsync(MIN_INTERVAL_MS + 500);
  expect(count).toBe(3);
  await vi.advanceTimersByTimeAsync(MIN_INTERVAL_MS + 999);
  expect(count).toBe(3);
  answers = [() => rolloutOf(2)];
  await vi.advanceTimersByTimeAsync(1);
  expect(bed.state()).toMatchObject({ rollout: { version: 2 }, error: null });
  await bed.end();
});

test('a hidden page ends its request and asks again when it is shown', async () => {
  const signals: AbortSignal[] = [];
  const bed = startBed(({ signal }) => {
    signals.push(signal);
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  });
  await vi.advanceTimersByTimeAsync(0);
  bed.setHidden(true);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  expect(bed.state().error).toBeNull();
  bed.setHidden(false);
  await vi.advanceTimersByTimeAsync(0);
  expect(signals).toHaveLength(2);
  await bed.end();
});

test('hosts that have not changed stay the same objects, and an older version changes nothing', async () => {
  const bed = startBed(() => new Promise(() => undefined));
  takeRollout(bed.store, rolloutOf(1));
  const [first, second] = bed.state().rollout!.hosts;
  takeRollout(bed.store, rolloutOf(2, ['waiting', 'running']));
  expect(bed.state().rollout?.hosts[0]).toBe(first);
  expect(bed.state().rollout?.hosts[1]).not.toBe(second);
  const { hosts } = bed.state().rollout!;
  takeRollout(bed.store, rolloutOf(3, ['waiting', 'running']));
  expect(bed.state().rollout?.hosts).toBe(hosts);
  takeRollout(bed.store, rolloutOf(1));
  expect(bed.state().rollout?.version).toBe(3);
});
