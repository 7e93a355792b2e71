export type Pacer = {
  /**
   * Requests a run `delayMs` from now, or as soon after that as the pace allows. An earlier pending
   * request stays. A run that is due starts inside this call.
   */
  request(delayMs?: number): void;
  /** Returns whether a run is pending or in flight. */
  isBusy(): boolean;
  /** Runs what is pending now, whatever the pace, after the run in flight. */
  flush(): Promise<void>;
  /** Drops the pending run. No run starts after this. */
  stop(): void;
};

export type PacerOptions = {
  /** From the start of one run to the start of the next. */
  readonly minGapMs: number;
  /** Returns the pause to make after a run, in milliseconds. Default: none. */
  readonly pauseMs?: () => number;
};

/** Paces runs, never two at a time. Requests in between share one run. A run must not reject. */
export function createPacer(run: () => Promise<void>, { minGapMs, pauseMs = () => 0 }: PacerOptions): Pacer {
  let notBeforeMs = Number.NEGATIVE_INFINITY;
  let dueMs: number | null = null;
  let timer: NodeJS.Timeout | undefined;
  let running = false;
  let lastRun: Promise<void> = Promise.resolve();
  let stopped = false;

  const begin = async () => {
    clearTimeout(timer);
    dueMs = null;
    running = true;
    const startedMs = performance.now();
    await run();
    notBeforeMs = Math.max(startedMs + minGapMs, performance.now() + pauseMs());
    running = false;
    arm();
  };
  const arm = () => {
    clearTimeout(timer);
    if (stopped || dueMs === null || running) return;
    const waitMs = Math.max(dueMs, notBeforeMs) - performance.now();
    if (waitMs > 0) timer = setTimeout(arm, waitMs);
    else lastRun = begin();
  };
  return {
    request: (delayMs = 0) => {
      const atMs = performance.now() + delayMs;
      dueMs = dueMs === null ? atMs : Math.min(dueMs, atMs);
      arm();
    },
    isBusy: () => dueMs !== null || running,
    flush: async () => {
      await lastRun;
      if (dueMs === null || stopped) return;
      if (!running) lastRun = begin();
      await lastRun;
    },
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
