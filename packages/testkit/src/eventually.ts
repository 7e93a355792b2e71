import { inspect } from 'node:util';

const DEADLINE_MS = 60_000;
/** Asked often in a long wait, a server and its test would keep a whole core busy. */
const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS, PAUSE_GROWTH] = [10, 150, 1.25];

export type EventuallyOptions = {
  /**
   * Default 60 s: far more than anything takes, so that no busy machine fails a test. Shorter only
   * where another cause would fulfil the condition later.
   */
  readonly deadlineMs?: number;
  /** Pause between two tries; by default it grows from 10 to 150 ms. */
  readonly everyMs?: number;
  /** The condition, as it reads after "gave up waiting for". */
  readonly what: string;
};

/**
 * Waits until a condition returns a truthy value, and returns it. A condition that throws is tried
 * again.
 * @throws Error with the condition's last value or error when the deadline passes
 */
export async function eventually<T>(
  condition: () => T | Promise<T>,
  { deadlineMs = DEADLINE_MS, everyMs, what }: EventuallyOptions,
): Promise<NonNullable<T>> {
  const endMs = performance.now() + deadlineMs;
  let pauseMs = everyMs ?? FIRST_PAUSE_MS;
  let last: { value: unknown } | { error: unknown } = { value: undefined };
  do {
    try {
      const value = await withDeadline(condition, endMs - performance.now());
      if (value) return value;
      last = { value };
    } catch (error) {
      last = { error };
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    if (everyMs === undefined) pauseMs = Math.min(PAUSE_GROWTH * pauseMs, LONGEST_PAUSE_MS);
  } while (performance.now() < endMs);
  const seen =
    'error' in last ? `it threw ${inspect(last.error)}` : `the last value was ${inspect(last.value)}`;
  throw new Error(`gave up waiting for ${what} after ${deadlineMs} ms; ${seen}`, {
    cause: 'error' in last ? last.error : undefined,
  });
}

async function withDeadline<T>(condition: () => T | Promise<T>, remainingMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error('the condition itself did not return')),
      Math.max(remainingMs, 1),
    );
  });
  try {
    return await Promise.race([condition(), deadline]);
  } finally {
    clearTimeout(timer);
  }
}
