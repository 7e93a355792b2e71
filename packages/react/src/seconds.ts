import { createStore, type Store, type WritableStore } from '@booner/client';

let watchers = 0;
let timer: ReturnType<typeof setInterval> | undefined;

/** Counts seconds for every component that shows an age. Runs only while there is one. */
const seconds: WritableStore<number> = createStore(0, () => {
  if (++watchers === 1) timer = setInterval(() => seconds.set(seconds.getSnapshot() + 1), 1000);
  return () => {
    if (--watchers === 0) clearInterval(timer);
  };
});

export type TrackedSeconds = Store<number> & {
  /**
   * Makes time advance from now on, for a component that depends on it. May be called while
   * rendering.
   */
  track(): void;
};

/**
 * Seconds for one component. They stand still unless it depends on them, so that it does not render
 * needlessly.
 */
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
