type Job = {
  readonly run: () => (() => void) | undefined;
  cleanUp: (() => void) | null;
  isCancelled: boolean;
};

const waiting: Job[] = [];

/**
 * Draws something in a task of its own, after what was requested before; or at once.
 * @param draw may return a function that cleans up
 * @returns a function that cancels it, or cleans up
 */
export function drawSoon(draw: Job['run'], isQueued: boolean): () => void {
  const job: Job = { run: draw, cleanUp: null, isCancelled: false };
  if (!isQueued) run(job);
  else {
    waiting.push(job);
    if (waiting.length === 1) setTimeout(runNext);
  }
  return () => {
    job.isCancelled = true;
    job.cleanUp?.();
    job.cleanUp = null;
  };
}

function run(job: Job): void {
  if (!job.isCancelled) job.cleanUp = job.run() ?? null;
}

function runNext(): void {
  try {
    const [job] = waiting;
    if (job !== undefined) run(job);
  } finally {
    waiting.shift();
    if (waiting.length > 0) setTimeout(runNext);
  }
}
