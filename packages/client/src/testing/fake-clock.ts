import type { Clock } from '../time/clock.ts';

/** A clock that a test moves. Its monotonic part stands still while the machine sleeps, as browsers' do. */
export type FakeClock = Clock & {
  /** Moves on, calling what is due on the way. */
  pass(ms: number): void;
  sleep(ms: number): void;
  /** Sets the wall clock back or forth. */
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
