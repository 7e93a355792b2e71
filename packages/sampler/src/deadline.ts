/** A point in time to race promises against. */
export type Deadline = {
  /** Resolves when the time has passed; never when it was cancelled. */
  readonly passed: Promise<'passed'>;
  cancel(): void;
};

/** Starts a deadline of some milliseconds. MUST be cancelled when no longer needed. */
export function startDeadline(ms: number): Deadline {
  const { promise, resolve } = Promise.withResolvers<'passed'>();
  const timer = setTimeout(resolve, ms, 'passed');
  return { passed: promise, cancel: () => clearTimeout(timer) };
}

/** Waits for a promise that never rejects, but no longer than some milliseconds. */
export async function waitAtMost(promise: Promise<void>, ms: number): Promise<void> {
  const deadline = startDeadline(ms);
  await Promise.race([promise, deadline.passed]);
  deadline.cancel();
}

/** Formats a duration for a reason: `12 s`. */
export const inSeconds = (ms: number): string => `${Math.max(Math.round(ms / 1000), 1)} s`;
