import { backoffDelayMs } from '@booner/protocol/backoff';
import { sleep } from './abort.ts';
import { type FailureLog, failureKindOf } from './failure-log.ts';

const RETRY_BACKOFF = { minMs: 100, maxMs: 2000 };

export type LoopOptions = {
  readonly run: () => unknown;
  /**
   * Time from tick to tick, by the monotonic clock. Default: no ticks; each run begins when the one
   * before has ended. Such a run must wait by itself, for instance for the next batch.
   */
  readonly intervalMs?: number;
  /** Time from the start to the first tick. Default 0. */
  readonly phaseMs?: number;
  /**
   * Ticks after the first come at multiples of the interval on the process's clock, so loops of a
   * process wake it at the same moments, and what they ask of the bus travels together.
   */
  readonly isAligned?: boolean;
  /** Awaited before each run, such as until a bus is connected. `false` ends the loop. */
  readonly ready?: (signal: AbortSignal) => Promise<boolean>;
  /** `null`: the first failure ends the loop. */
  readonly failures: FailureLog | null;
};

/**
 * Repeats a job until the signal aborts. Runs never overlap. A run that takes longer than the
 * interval makes the loop skip the ticks that it missed, so delays do not add up. After a failure
 * the next run also waits for a backoff with full jitter of at most 2 s.
 * @returns when the signal has aborted, or it will not be ready again; a run in flight ends first
 * @throws the error of a run if its kind is `fatal` or `failures` is `null`
 */
export async function runLoop(
  { run, intervalMs = 0, phaseMs = 0, isAligned = false, ready, failures }: LoopOptions,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  const attempts = countAttempts(failures);
  using sleeper = createSleeper(signal);
  const firstMs = performance.now() + phaseMs;
  const gridMs = isAligned ? 0 : firstMs;
  let dueMs = firstMs;
  for (let tickMs = firstMs; await sleeper.sleepUntil(dueMs); ) {
    if (ready !== undefined && !(await ready(signal))) return;
    if (signal.aborted) return;
    let pauseMs = 0;
    try {
      await run();
      attempts.worked();
    } catch (error) {
      if (signal.aborted) return; // the abort may be why it failed
      pauseMs = attempts.failed(error);
    }
    dueMs = performance.now() + pauseMs;
    if (intervalMs === 0) continue;
    const lastTick = Math.floor((tickMs - gridMs) / intervalMs);
    tickMs = gridMs + Math.max(lastTick + 1, Math.ceil((dueMs - gridMs) / intervalMs)) * intervalMs;
    dueMs = tickMs;
  }
}

/**
 * Repeats a job until it works, with the same backoff as {@link runLoop}. The first attempt is made
 * even if the signal has aborted already.
 * @returns `'aborted'` when the signal ended the attempts
 * @throws the error of the job if its kind is `fatal`
 */
export async function retry<T>(
  job: () => Promise<T>,
  { failures }: { readonly failures: FailureLog },
  { signal }: { readonly signal: AbortSignal },
): Promise<T | 'aborted'> {
  const attempts = countAttempts(failures);
  while (true) {
    try {
      const result = await job();
      attempts.worked();
      return result;
    } catch (error) {
      if (!(await sleep(attempts.failed(error), signal))) return 'aborted';
    }
  }
}

function countAttempts(failures: FailureLog | null) {
  const job = failures?.job();
  let failedInARow = 0;
  return {
    worked: () => {
      failedInARow = 0;
      job?.worked();
    },
    /** Returns the pause before the next attempt in milliseconds. */
    failed: (error: unknown): number => {
      if (job === undefined || failureKindOf(error) === 'fatal') throw error;
      job.failed(error);
      return backoffDelayMs(failedInARow++, RETRY_BACKOFF);
    },
  };
}

/** Sleeps again and again with one listener on the signal: an idle process does little else. */
function createSleeper(signal: AbortSignal) {
  let timer: NodeJS.Timeout | undefined;
  let end: (ranOut: boolean) => void = () => {};
  const onAbort = () => {
    clearTimeout(timer);
    end(false);
  };
  signal.addEventListener('abort', onAbort);
  return {
    /** Resolves to `false` when the signal has aborted. */
    sleepUntil: (dueMs: number): Promise<boolean> => {
      const waitMs = dueMs - performance.now();
      if (waitMs <= 0 || signal.aborted) return Promise.resolve(!signal.aborted);
      return new Promise((resolve) => {
        end = resolve;
        timer = setTimeout(resolve, waitMs, true);
      });
    },
    [Symbol.dispose]: () => signal.removeEventListener('abort', onAbort),
  };
}
