import type { SendOutcome } from '@booner/bus';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Progress, startProgressReporter } from './progress-reporter.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function reporterOf() {
  const sent: (Progress & { readonly counter: number })[] = [];
  const bus: { outcome: SendOutcome } = { outcome: 'sent' };
  const reporter = startProgressReporter(async (report) => {
    sent.push(report);
    return bus.outcome;
  });
  return { reporter, sent, bus };
}

const percent = (progressPercent: number): Progress => ({ progressPercent, message: null });

describe('progress reports', () => {
  it('go out four times a second at most, the newest wins, and a counter numbers them', async () => {
    const { reporter, sent } = reporterOf();
    for (let step = 0; step <= 100; step += 1) {
      reporter.set(percent(step));
      await vi.advanceTimersByTimeAsync(10);
    }
    await vi.advanceTimersByTimeAsync(1000);
    expect(sent.map(({ progressPercent }) => progressPercent)).toEqual([0, 24, 49, 74, 99, 100]);
    expect(sent.map(({ counter }) => counter)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('report output alone once a second', async () => {
    const { reporter, sent } = reporterOf();
    for (let step = 0; step < 350; step += 1) {
      reporter.onLine();
      await vi.advanceTimersByTimeAsync(10);
    }
    expect(sent.length).toBe(3);
  });

  it('report the last progress before the end', async () => {
    const { reporter, sent } = reporterOf();
    reporter.set(percent(10));
    reporter.set(percent(100));
    await reporter.finish();
    expect(sent.map(({ progressPercent }) => progressPercent)).toEqual([10, 100]);
    reporter.set(percent(7));
    reporter.again();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sent.length).toBe(2);
  });

  it('keep what a change does not name', async () => {
    const { reporter, sent } = reporterOf();
    const steps = [
      { name: 'build', status: 'running', attempts: 1, durationMs: null, firstLine: 1 } as const,
    ];
    reporter.set({ steps });
    await vi.advanceTimersByTimeAsync(1000);
    reporter.set(percent(40));
    await vi.advanceTimersByTimeAsync(1000);
    expect(sent).toEqual([
      { progressPercent: null, message: null, steps, counter: 1 },
      { ...percent(40), steps, counter: 2 },
    ]);
  });

  it('are retried if they could not be sent', async () => {
    const { reporter, sent, bus } = reporterOf();
    bus.outcome = 'unsent';
    reporter.set(percent(40));
    await vi.advanceTimersByTimeAsync(1000);
    bus.outcome = 'sent';
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent).toEqual([
      { ...percent(40), counter: 1 },
      { ...percent(40), counter: 2 },
    ]);
  });

  it('repeat the last progress after a loss of the bus, even if there is none', async () => {
    const { reporter, sent } = reporterOf();
    reporter.again();
    await vi.advanceTimersByTimeAsync(0);
    expect(sent).toEqual([{ progressPercent: null, message: null, counter: 1 }]);
  });
});
