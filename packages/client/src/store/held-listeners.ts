import { callEach } from './call-each.ts';

export type HeldListeners<T> = {
  /** Returns a function that unsubscribes. */
  add(listener: (value: T) => void): () => void;
  call(value: T): void;
};

/**
 * Listeners that keep something running while there are any.
 * @param hold called for each listener; the function that it returns, when that unsubscribes
 */
export function createHeldListeners<T>(hold: () => () => void): HeldListeners<T> {
  const listeners = new Set<(value: T) => void>();
  return {
    add(listener) {
      const own = (value: T) => listener(value);
      listeners.add(own);
      const release = hold();
      return () => {
        listeners.delete(own);
        release();
      };
    },
    call: (value) => callEach(listeners, value),
  };
}
