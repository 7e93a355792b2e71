import { callEach } from './call-each.ts';

/** A value that changes and can be watched. Fits `useSyncExternalStore`. */
export type Store<T> = {
  /**
   * Returns the current value. Unchanged values, and unchanged parts of a value, stay the same
   * object.
   */
  getSnapshot(): T;
  /** Calls back after each change. Returns a function that unsubscribes. */
  subscribe(listener: () => void): () => void;
};

export type WritableStore<T> = Store<T> & {
  /** Sets the value and notifies the listeners, unless it is the current one. */
  set(value: T): void;
};

/**
 * Creates a store.
 * @param onWatched called for each subscription; the function that it returns, when that ends
 */
export function createStore<T>(initial: T, onWatched?: () => () => void): WritableStore<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    getSnapshot: () => value,
    subscribe(listener) {
      // one listener may subscribe twice and unsubscribe each separately
      const own = () => listener();
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
