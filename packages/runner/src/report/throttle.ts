export type Throttle = {
  /** Asks for a run, `delayMs` from now or as soon after that as the pace allows; one that was asked for sooner stands. */
  request(delayMs?: number): void;
  /** Whether a run was asked for that has not begun, or is in flight. */
  isBusy(): boolean;
  /** Runs what is pending now, whatever the pace, after the run in flight. */
  flush(): Promise<void>;
  /** Nothing begins after this. */
  stop(): void;
};

/** Paces runs: `minGapMs` from start to start, never two at a time; requests in between come to one run. */
export function createThrottle(run: () => Promise<void>, { minGapMs }: { minGapMs: number }): Throttle {
  let startedMs = Number.NEGATIVE_INFINITY;
  let dueMs: number | null = null;
  let timer: NodeJS.Timeout | undefined;
  let running = false;
  let lastRun: Promise<void> = Promise.resolve();
  let stopped = false;

  const begin = () => {
    clearTimeout(timer);
    dueMs = null;
    startedMs = performance.now();
    running = true;
    lastRun = run().finally(() => {
      running = false;
      arm();
    });
  };
  const arm = () => {
    clearTimeout(timer);
    if (stopped || dueMs === null || running) return;
    const waitMs = Math.max(dueMs, startedMs + minGapMs) - performance.now();
    if (waitMs > 0) timer = setTimeout(arm, waitMs);
    else begin();
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
      if (!running) begin();
      await lastRun;
    },
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
