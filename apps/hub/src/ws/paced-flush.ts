export type PacedFlushOptions = {
  /** From the start of one flush to the next. */
  readonly minIntervalMs: number;
  readonly onError: (error: unknown) => void;
};

/**
 * The pause after a flush is twice the processor time that it took: fan-outs take a third of a core at most. On a busy machine the time by
 * the clock is longer and says nothing of the work.
 */
const PAUSE_RATIO = 2;
/** What else the process does while a flush yields counts as its work, and must not hold up the next one for long. */
const MAX_PAUSE_MS = 250;

/**
 * Runs a flush whenever there is something to flush: the first of a quiet time at once, inside `request`; the next ones spaced, each
 * for all that was requested in between, the last of them after the last request. Flushes never overlap.
 */
export class PacedFlush {
  readonly #flush: () => Promise<void>;
  readonly #options: PacedFlushOptions;
  #state: 'idle' | 'waiting' | 'flushing' | 'flushing again' = 'idle';
  #notBeforeMs = 0;

  constructor(flush: () => Promise<void>, options: PacedFlushOptions) {
    this.#flush = flush;
    this.#options = options;
  }

  request(): void {
    if (this.#state === 'flushing') this.#state = 'flushing again';
    if (this.#state !== 'idle') return;
    const waitMs = this.#notBeforeMs - performance.now();
    if (waitMs <= 0) void this.#run();
    else {
      this.#state = 'waiting';
      setTimeout(() => void this.#run(), waitMs).unref(); // at most some hundred ms; a process that ends need not wait
    }
  }

  async #run(): Promise<void> {
    this.#state = 'flushing';
    const startMs = performance.now();
    const usageBefore = process.threadCpuUsage();
    try {
      await this.#flush();
    } catch (error) {
      this.#options.onError(error);
    }
    const { user, system } = process.threadCpuUsage(usageBefore); // microseconds
    const pauseMs = Math.min(MAX_PAUSE_MS, (PAUSE_RATIO * (user + system)) / 1000);
    this.#notBeforeMs = Math.max(startMs + this.#options.minIntervalMs, performance.now() + pauseMs);
    const isWanted = (this.#state as string) === 'flushing again';
    this.#state = 'idle';
    if (isWanted) this.request();
  }
}
