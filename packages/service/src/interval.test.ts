import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { runInterval } from './interval.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

async function ticksOf(options: { phaseMs?: number; jobMs: (tick: number) => number }, forMs: number) {
  const ticks: number[] = [];
  const startMs = performance.now();
  const stop = new AbortController();
  const errors: unknown[] = [];
  const done = runInterval(
    async () => {
      ticks.push(performance.now() - startMs);
      const jobMs = options.jobMs(ticks.length - 1);
      if (jobMs < 0) throw new Error('job failed');
      await new Promise((resolve) => setTimeout(resolve, jobMs));
    },
    { intervalMs: 1000, phaseMs: options.phaseMs ?? 0, onError: (error) => errors.push(error) },
    { signal: stop.signal },
  );
  await vi.advanceTimersByTimeAsync(forMs);
  stop.abort();
  await vi.advanceTimersByTimeAsync(5000);
  await done;
  return { ticks, errors };
}

it('keeps to start + phase + n intervals however long a run takes', async () => {
  const { ticks } = await ticksOf({ phaseMs: 250, jobMs: (tick) => tick * 100 }, 4500);
  expect(ticks).toEqual([250, 1250, 2250, 3250, 4250]);
});

it('skips the ticks that a long run missed and never overlaps', async () => {
  const { ticks } = await ticksOf({ jobMs: (tick) => (tick === 1 ? 2300 : 0) }, 6500);
  expect(ticks).toEqual([0, 1000, 4000, 5000, 6000]);
});

it('goes on after a run that failed', async () => {
  const { ticks, errors } = await ticksOf({ jobMs: (tick) => (tick === 0 ? -1 : 0) }, 2500);
  expect(ticks).toEqual([0, 1000, 2000]);
  expect(errors).toHaveLength(1);
});
