import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createPacer } from './pacer.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/**
 * Starts a pacer of 250 ms whose runs take `takesMs`; `startedMs` has the times at which they
 * began.
 */
function paced(takesMs = 0) {
  const beganMs = performance.now();
  const startedMs: number[] = [];
  const pacer = createPacer(
    async () => {
      startedMs.push(performance.now() - beganMs);
      if (takesMs > 0) await new Promise((resolve) => setTimeout(resolve, takesMs));
    },
    { minGapMs: 250 },
  );
  return { pacer, startedMs };
}

describe('a pacer', () => {
  it('runs at once, and then at its pace however often it is asked', async () => {
    const { pacer, startedMs } = paced();
    for (let step = 0; step < 90; step += 1) {
      pacer.request();
      await vi.advanceTimersByTimeAsync(10);
    }
    expect(startedMs).toEqual([0, 250, 500, 750]);
  });

  it('never has two runs at a time', async () => {
    const { pacer, startedMs } = paced(1000);
    pacer.request();
    await vi.advanceTimersByTimeAsync(300);
    pacer.request();
    await vi.advanceTimersByTimeAsync(5000);
    expect(startedMs).toEqual([0, 1000]);
    expect(pacer.isBusy()).toBe(false);
  });

  it('makes the pause that a run asked for, counted from its end', async () => {
    const startedMs: number[] = [];
    const beganMs = performance.now();
    const run = async () => {
      startedMs.push(performance.now() - beganMs);
      await new Promise((resolve) => setTimeout(resolve, 300));
    };
    const pacer = createPacer(run, { minGapMs: 250, pauseMs: () => 100 });
    pacer.request();
    pacer.request();
    await vi.advanceTimersByTimeAsync(2000);
    expect(startedMs).toEqual([0, 400]);
  });

  it('keeps to the sooner of two requests', async () => {
    const { pacer, startedMs } = paced();
    pacer.request(1000);
    pacer.request(400);
    pacer.request(2000);
    await vi.advanceTimersByTimeAsync(5000);
    expect(startedMs).toEqual([400]);
  });

  it('flushes what is pending after the run in flight, without regard to the pace', async () => {
    const { pacer, startedMs } = paced(100);
    pacer.request();
    pacer.request();
    const flushed = pacer.flush();
    await vi.advanceTimersByTimeAsync(200);
    await flushed;
    expect(startedMs).toEqual([0, 100]);
  });

  it('begins nothing once it is stopped', async () => {
    const { pacer, startedMs } = paced();
    pacer.request(10);
    pacer.stop();
    pacer.request();
    await pacer.flush();
    await vi.advanceTimersByTimeAsync(1000);
    expect(startedMs).toEqual([]);
  });
});
