import type { Clock } from '../time/clock.ts';

/** A clock that a test moves. Its monotonic part stops while the machine sleeps, as in browsers. */
export type FakeClock = Clock & {
  /** Advances the clock, calling the timers due on the way. */
  pass(ms: number): void;
  sleep(ms: number): void;
  /** Sets the wall clock forward or back. */
  set(differenceMs: number): void;
};

export function createFakeClock(): FakeClock {
  let monotonicMs = 5000;
  let wallOffsetMs = 1_732_000_000_000;
  const timers = new Set<{ readonly dueMs: number; readonly callBack: () => void }>();
  return {
    monotonicMs: () => monotonicMs,
    wallMs: () => monotonicMs + wallOffsetMs,
    after(delayMs, callBack) {
      const timer = { dueMs: monotonicMs + delayMs, callBack };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    pass(ms) {
      const endMs = monotonicMs + ms;
      for (;;) {
        const [next] = [...timers].filter(({ dueMs }) => dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs);
        if (next === undefined) break;
        timers.delete(next);
        monotonicMs = Math.max(monotonicMs, next.dueMs);
        next.callBack();
      }
      monotonicMs = endMs;
    },
    sleep(ms) {
      wallOffsetMs += ms;
    },
    set(differenceMs) {
      wallOffsetMs += differenceMs;
    },
  };
}
