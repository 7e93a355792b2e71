/** Source of time and timers. Tests pass their own. */
export type Clock = {
  /** Milliseconds that never go back. May stop while the machine sleeps. */
  monotonicMs(): number;
  /** Unix time in milliseconds. */
  wallMs(): number;
  /** Calls back once. Returns a function that cancels the timer. */
  after(delayMs: number, callBack: () => void): () => void;
};

export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  after(delayMs, callBack) {
    const timer = setTimeout(callBack, delayMs);
    return () => clearTimeout(timer);
  },
};

/**
 * A larger difference between the two clocks means sleep or a changed clock. A smaller one is
 * drift.
 */
const JUMP_MS = 1000;

/**
 * Returns Unix time that never goes back and includes sleep. Browsers stop their monotonic clock
 * while a laptop sleeps (like CLOCK_MONOTONIC on Linux), and a wall clock can be changed. This time
 * advances with the monotonic clock and follows forward jumps of the wall clock.
 */
export function steadyTime(clock: Clock): () => number {
  let offsetMs = clock.wallMs() - clock.monotonicMs();
  return () => {
    const monotonicMs = clock.monotonicMs();
    const aheadMs = clock.wallMs() - (monotonicMs + offsetMs);
    if (aheadMs > JUMP_MS) offsetMs += aheadMs;
    return Math.round(monotonicMs + offsetMs);
  };
}
