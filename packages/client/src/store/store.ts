import { callEach } from './call-each.ts';

/** Something that changes and can be watched; fits `useSyncExternalStore`. */
export type Store<T> = {
  /**
   * The state of now. As long as nothing changed it is the same object, and what did not change inside of it stays the same object too.
   */
  getSnapshot(): T;
  /** Calls back after each change. @returns what ends it */
  subscribe(listener: () => void): () => void;
};

export type WritableStore<T> = Store<T> & {
  /** Tells the listeners, unless the value is the one that is there. */
  set(value: T): void;
};

/** @param onWatched called for each subscription; what it returns is called when that ends */
export function createStore<T>(initial: T, onWatched?: () => () => void): WritableStore<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    getSnapshot: () => value,
    subscribe(listener) {
      const own = () => listener(); // one listener may subscribe twice, and each end is its own
      listeners.add(own);
      const release = onWatched?.();
      let isOver = false;
      return () => {
        if (isOver) return;
        isOver = true;
        listeners.delete(own);
        release?.();
      };
    },
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      callEach(listeners);
    },
  };
}
