import type { Store } from '@booner/client';

const listeners = new Set<() => void>();
let count = 0;
let timer: ReturnType<typeof setInterval> | null = null;

const tick = () => {
  count++;
  for (const listener of [...listeners]) listener();
};

/** Counts seconds, for all who show an age; runs only as long as there is one. */
const seconds: Store<number> = {
  getSnapshot: () => count,
  subscribe(listener) {
    const own = () => listener();
    listeners.add(own);
    timer ??= setInterval(tick, 1000);
    return () => {
      listeners.delete(own);
      if (listeners.size > 0 || timer === null) return;
      clearInterval(timer);
      timer = null;
    };
  },
};

export type TrackedSeconds = Store<number> & {
  /** Somebody depends on the time: from now on it passes. May be called while rendering. */
  track(): void;
};

/** The seconds for one component: they stand still unless it depends on them, so that it is not drawn again for nothing. */
export function createTrackedSeconds(): TrackedSeconds {
  let isTracked = false;
  let shown = seconds.getSnapshot();
  let listener: (() => void) | null = null;
  let end: (() => void) | null = null;
  const follow = () => {
    if (isTracked && listener !== null) end ??= seconds.subscribe(listener);
  };
  return {
    track() {
      isTracked = true;
      follow();
    },
    getSnapshot() {
      if (isTracked) shown = seconds.getSnapshot();
      return shown;
    },
    subscribe(next) {
      listener = next;
      follow();
      return () => {
        listener = null;
        end?.();
        end = null;
      };
    },
  };
}
