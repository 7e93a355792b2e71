import { createPacer, type Pacer } from '@booner/service';

export type PacedFlushOptions = {
  /** From the start of one flush to the next. */
  readonly minIntervalMs: number;
  readonly onError: (error: unknown) => void;
};

/**
 * Pause after a flush, as a multiple of the processor time that it took. On a busy machine the time
 * by the clock is longer and says nothing about the work. A flush of one request is followed by a
 * short pause, since little is gained by waiting for another: such flushes take half of a core at
 * most. When requests come close together, flushes share them and take a fifth of a core.
 */
const PAUSE_RATIO = { ofOne: 1, ofSeveral: 4 };
/**
 * While a flush yields, the work of the rest of the process counts as its own. That must not hold
 * up the next flush for long.
 */
const MAX_PAUSE_MS = 250;

/**
 * Runs a flush when requested: after a quiet time at once, inside `request`, and then paced. Each
 * flush covers all requests since the one before.
 */
export function createPacedFlush(
  flush: () => Promise<void>,
  { minIntervalMs, onError }: PacedFlushOptions,
): Pick<Pacer, 'request'> {
  let pauseMs = 0;
  let requests = 0;
  const run = async () => {
    const ratio = requests > 1 ? PAUSE_RATIO.ofSeveral : PAUSE_RATIO.ofOne;
    requests = 0;
    const usageBefore = process.threadCpuUsage();
    try {
      await flush();
    } catch (error) {
      onError(error);
    }
    const { user, system } = process.threadCpuUsage(usageBefore); // microseconds
    pauseMs = Math.min(MAX_PAUSE_MS, (ratio * (user + system)) / 1000);
  };
  const pacer = createPacer(run, { minGapMs: minIntervalMs, pauseMs: () => pauseMs });
  return {
    request: () => {
      requests++;
      pacer.request();
    },
  };
}
