import { inspect } from 'node:util';

export type EventuallyOptions = {
  readonly deadlineMs: number;
  /** Pause between two tries; default 20. */
  readonly everyMs?: number;
  /** What is waited for, as it reads after "waited in vain for". */
  readonly what: string;
};

/**
 * Waits until a condition returns something truthy, and returns that. A condition that throws is tried again.
 * @throws Error with what was waited for, and the last value or error, when the deadline passes
 */
export async function eventually<T>(
  condition: () => T | Promise<T>,
  { deadlineMs, everyMs = 20, what }: EventuallyOptions,
): Promise<NonNullable<T>> {
  const endMs = performance.now() + deadlineMs;
  let last: { value: unknown } | { error: unknown } = { value: undefined };
  do {
    try {
      const value = await withDeadline(condition, endMs - performance.now());
      if (value) return value;
      last = { value };
    } catch (error) {
      last = { error };
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  } while (performance.now() < endMs);
  const seen =
    'error' in last ? `it threw ${inspect(last.error)}` : `the last value was ${inspect(last.value)}`;
  throw new Error(`waited ${deadlineMs} ms in vain for ${what}; ${seen}`, {
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
