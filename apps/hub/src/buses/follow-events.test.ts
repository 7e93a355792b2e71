import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { followEvents } from './follow-events.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  vi.spyOn(Math, 'random').mockReturnValue(1); // the longest of all delays
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const bus = {
  connection: () => ({ state: 'connected', sinceMs: 0 }) as const,
  whenConnected: async (signal: AbortSignal) => !signal.aborted,
};

it('waits longer and longer while its position is lost again and again, and warns once', async () => {
  const warnings: unknown[] = [];
  const log = {
    debug: () => {},
    info: () => {},
    warn: (text: unknown) => warnings.push(text),
    error: () => {},
  };
  const end = new AbortController();
  const startMs = performance.now();
  const loadedAtMs: number[] = [];
  const load = async () => void loadedAtMs.push(performance.now() - startMs);
  const following = followEvents(
    { bus, what: 'alerts', next: async () => 'lost', load, fallBehind: () => {}, log: log as never },
    { signal: end.signal },
  );
  await vi.advanceTimersByTimeAsync(6000);
  end.abort();
  await vi.advanceTimersByTimeAsync(0);
  await following;
  expect(loadedAtMs).toEqual([0, 200, 600, 1400, 3000, 5000]);
  expect(warnings).toEqual(['events were missed: all alerts are read again']);
});
