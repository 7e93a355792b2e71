import type { Clock } from '../time/clock.ts';

const TICK_MS = 1000;
/** A timer or message this late means that the machine slept or the page was frozen. */
const GAP_MS = 5000;

export type WakeWatch = {
  start(): void;
  stop(): void;
  /** Call it when a message arrives, before using it: the message may predate a sleep. */
  observe(): void;
};

export type WakeWatchOptions = {
  readonly clock: Clock;
  /** Time that includes sleep. */
  readonly nowMs: () => number;
  readonly onWoke: () => void;
};

/**
 * Detects that the machine slept from the time between two checks of the clock, at most a second
 * after it wakes. Messages count as checks, since browsers slow the timers of hidden pages to one a
 * minute.
 */
export function createWakeWatch({ clock, nowMs, onWoke }: WakeWatchOptions): WakeWatch {
  let lastMs = 0;
  let cancel: (() => void) | null = null;

  const observe = () => {
    if (cancel === null) return;
    const gapMs = nowMs() - lastMs;
    lastMs += gapMs;
    if (gapMs > TICK_MS + GAP_MS) onWoke();
  };
  const tick = () => {
    observe();
    if (cancel !== null) cancel = clock.after(TICK_MS, tick);
  };
  return {
    observe,
    start() {
      if (cancel !== null) return;
      lastMs = nowMs();
      cancel = clock.after(TICK_MS, tick);
    },
    stop() {
      cancel?.();
      cancel = null;
    },
  };
}
