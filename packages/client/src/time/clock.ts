/** What a client knows of time. A test passes its own. */
export type Clock = {
  /** Milliseconds that never go back; they may stand still while the machine sleeps. */
  monotonicMs(): number;
  /** Unix time in milliseconds. */
  wallMs(): number;
  /** Calls back once. @returns what takes the timer back */
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

/** A difference of the two clocks above this is a sleep, or a clock that was set; what is below is drift. */
const JUMP_MS = 1000;

/**
 * Unix time that never goes back and counts the sleep of the machine. Browsers stop their monotonic clock while a laptop sleeps (as
 * Linux' CLOCK_MONOTONIC does), and a wall clock can be set: this one advances by the monotonic clock and follows jumps of the wall
 * clock forward.
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
