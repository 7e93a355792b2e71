import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createThrottle } from './throttle.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A throttle of 250 ms whose runs take `takesMs`; `startedMs` has the times at which they began. */
function throttleOf(takesMs = 0) {
  const beganMs = performance.now();
  const startedMs: number[] = [];
  const throttle = createThrottle(
    async () => {
      startedMs.push(performance.now() - beganMs);
      if (takesMs > 0) await new Promise((resolve) => setTimeout(resolve, takesMs));
    },
    { minGapMs: 250 },
  );
  return { throttle, startedMs };
}

describe('a throttle', () => {
  it('runs at once, and then at its pace however often it is asked', async () => {
    const { throttle, startedMs } = throttleOf();
    for (let step = 0; step < 90; step += 1) {
      throttle.request();
      await vi.advanceTimersByTimeAsync(10);
    }
    expect(startedMs).toEqual([0, 250, 500, 750]);
  });

  it('never has two runs at a time', async () => {
    const { throttle, startedMs } = throttleOf(1000);
    throttle.request();
    await vi.advanceTimersByTimeAsync(300);
    throttle.request();
    await vi.advanceTimersByTimeAsync(5000);
    expect(startedMs).toEqual([0, 1000]);
    expect(throttle.isBusy()).toBe(false);
  });

  it('keeps to the sooner of two requests', async () => {
    const { throttle, startedMs } = throttleOf();
    throttle.request(1000);
    throttle.request(400);
    throttle.request(2000);
    await vi.advanceTimersByTimeAsync(5000);
    expect(startedMs).toEqual([400]);
  });

  it('flushes what is pending after the run in flight, without regard to the pace', async () => {
    const { throttle, startedMs } = throttleOf(100);
    throttle.request();
    throttle.request();
    const flushed = throttle.flush();
    await vi.advanceTimersByTimeAsync(200);
    await flushed;
    expect(startedMs).toEqual([0, 100]);
  });

  it('begins nothing once it is stopped', async () => {
    const { throttle, startedMs } = throttleOf();
    throttle.request(10);
    throttle.stop();
    throttle.request();
    await throttle.flush();
    await vi.advanceTimersByTimeAsync(1000);
    expect(startedMs).toEqual([]);
  });
});
