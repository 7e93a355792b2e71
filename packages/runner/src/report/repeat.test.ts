import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startRepeating } from './repeat.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Repeats every 5 s what takes 1 s to send. */
function repetitionOf() {
  const beganMs = performance.now();
  const sentMs: number[] = [];
  const repetition = startRepeating(
    async () => {
      sentMs.push(performance.now() - beganMs);
      await new Promise((resolve) => setTimeout(resolve, 1000));
    },
    { everyMs: 5000 },
  );
  return { repetition, sentMs };
}

describe('a repetition', () => {
  it('sends at once, and again after each answer', async () => {
    const { repetition, sentMs } = repetitionOf();
    await vi.advanceTimersByTimeAsync(13_000);
    expect(sentMs).toEqual([0, 6000, 12_000]);
    repetition.stop();
  });

  it('sends again on request, but never twice at a time', async () => {
    const { repetition, sentMs } = repetitionOf();
    repetition.again();
    repetition.again();
    await vi.advanceTimersByTimeAsync(4000);
    repetition.again();
    await vi.advanceTimersByTimeAsync(7000);
    expect(sentMs).toEqual([0, 1000, 4000, 10_000]);
    repetition.stop();
  });

  it('sends nothing after it was stopped, during a send or between two', async () => {
    const during = repetitionOf();
    during.repetition.again();
    during.repetition.stop();
    const between = repetitionOf();
    await vi.advanceTimersByTimeAsync(2000);
    between.repetition.stop();
    between.repetition.again();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([during.sentMs.length, between.sentMs.length]).toEqual([1, 1]);
  });
});
