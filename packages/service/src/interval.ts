import { sleep } from './abort.ts';

export { sleep };

export type IntervalOptions = {
  readonly intervalMs: number;
  /** Offset of the schedule after the start; default 0, the first run at once. */
  readonly phaseMs?: number;
  /** Receives what a run rejected with. The schedule goes on. */
  readonly onError: (error: unknown) => void;
};

/**
 * Runs a job on a fixed schedule by the monotonic clock until the signal aborts: start + phase + n * interval. A run that takes
 * longer makes the schedule skip the ticks that it missed; runs never overlap, and delays do not add up.
 * @returns when the signal has aborted and the run in flight has ended
 */
export async function runInterval(
  run: () => void | Promise<void>,
  { intervalMs, phaseMs = 0, onError }: IntervalOptions,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const firstMs = performance.now() + phaseMs;
  for (let tick = 0; !signal.aborted; ) {
    const waitMs = firstMs + tick * intervalMs - performance.now();
    if (waitMs > 0 && !(await sleep(waitMs, signal))) return;
    try {
      await run();
    } catch (error) {
      onError(error);
    }
    const elapsedTicks = Math.floor((performance.now() - firstMs) / intervalMs);
    tick = Math.max(tick, elapsedTicks) + 1;
  }
}
