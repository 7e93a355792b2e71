import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createPacedFlush } from './paced-flush.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  // The processor works all the time that a flush takes.
  vi.spyOn(process, 'threadCpuUsage').mockImplementation((before) => ({
    user: performance.now() * 1000 - (before?.user ?? 0),
    system: 0,
  }));
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Records when flushes start; each takes `tookMs`. */
function recorded({ tookMs = 0, minIntervalMs = 0 }: { tookMs?: number; minIntervalMs?: number }) {
  const startMs = performance.now();
  const starts: number[] = [];
  const errors: unknown[] = [];
  const flush = async () => {
    starts.push(performance.now() - startMs);
    if (tookMs < 0) throw new Error('flush failed');
    if (tookMs > 0) await new Promise((resolve) => setTimeout(resolve, tookMs));
  };
  const pacer = createPacedFlush(flush, { minIntervalMs, onError: (error) => errors.push(error) });
  return { pacer, starts, errors };
}

/** Requests every millisecond. */
async function requestFor(pacer: { request(): void }, durationMs: number): Promise<void> {
  for (let ms = 0; ms < durationMs; ms++) {
    pacer.request();
    await vi.advanceTimersByTimeAsync(1);
  }
}

it('flushes the first of a quiet time at once', async () => {
  const { pacer, starts } = recorded({ minIntervalMs: 50 });
  pacer.request();
  expect(starts).toEqual([0]);
  await vi.advanceTimersByTimeAsync(1000);
  pacer.request();
  expect(starts).toEqual([0, 1000]);
});

it('makes one flush of a burst, after its last request', async () => {
  const { pacer, starts } = recorded({ minIntervalMs: 50 });
  await requestFor(pacer, 120);
  await vi.advanceTimersByTimeAsync(1000);
  expect(starts).toEqual([0, 50, 100, 150]);
});

it('pauses four times as long as a flush of several requests took, and never overlaps', async () => {
  const { pacer, starts } = recorded({ tookMs: 10 });
  await requestFor(pacer, 100);
  await vi.advanceTimersByTimeAsync(1000);
  expect(starts).toEqual([0, 20, 70, 120]);
});

it('pauses as long as a flush of one request took', async () => {
  const { pacer, starts } = recorded({ tookMs: 10 });
  for (let round = 0; round < 3; round++) {
    pacer.request();
    await vi.advanceTimersByTimeAsync(15);
  }
  await vi.advanceTimersByTimeAsync(1000);
  expect(starts).toEqual([0, 20, 40]);
});

it('does not pause for long after a flush that was held up', async () => {
  const { pacer, starts } = recorded({ tookMs: 2000 });
  pacer.request();
  pacer.request();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(starts).toEqual([0, 2250]);
});

it('goes on after a flush that failed', async () => {
  const { pacer, starts, errors } = recorded({ tookMs: -1 });
  pacer.request();
  await vi.advanceTimersByTimeAsync(1);
  pacer.request();
  await vi.advanceTimersByTimeAsync(1);
  expect(starts).toHaveLength(2);
  expect(errors).toHaveLength(2);
});
