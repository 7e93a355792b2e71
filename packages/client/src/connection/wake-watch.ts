import type { Clock } from '../time/clock.ts';

const TICK_MS = 1000;
/** No timer, and no message, is late by this much unless the machine slept or the page stood still. */
const GAP_MS = 5000;

export type WakeWatch = {
  start(): void;
  stop(): void;
  /** To be called when a message arrives, before it is used: after a sleep the message may be one from before. */
  observe(): void;
};

export type WakeWatchOptions = {
  readonly clock: Clock;
  /** Time that counts sleep. */
  readonly nowMs: () => number;
  readonly onWoke: () => void;
};

/**
 * Notices that the machine slept by the time between two looks at the clock: a second after waking at the latest. Messages are looks
 * too, since browsers slow the timers of hidden pages down to one a minute.
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
