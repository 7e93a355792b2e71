import { createStore, type WritableStore } from './store.ts';

const MAX_RECENT = 100;

export type KeyedStores<T> = {
  /** The store of a key: the same one as long as anybody holds it, and a while longer. */
  get(key: string): WritableStore<T>;
  /** Those that are watched. */
  readonly watched: ReadonlyMap<string, WritableStore<T>>;
};

export type KeyedStoresOptions<T> = {
  readonly initial: (key: string) => T;
  /** Called when a key is watched first, and with what it returned when it is not watched any more. */
  readonly onWatched: (key: string, store: WritableStore<T>) => () => void;
  /**
   * Number of stores kept though nobody holds them, so that a view that is left and entered again
   * finds what it had. Default: 100.
   */
  readonly maxRecent?: number;
};

/**
 * One store a key, made when it is asked for. A view asks when it is drawn and watches later, after any number of others: only the
 * garbage collector knows whether a store is still held. Two stores of one key would take each other's place among the watched.
 */
export function createKeyedStores<T>({
  initial,
  onWatched,
  maxRecent = MAX_RECENT,
}: KeyedStoresOptions<T>): KeyedStores<T> {
  const stores = new Map<string, WeakRef<WritableStore<T>>>();
  const watched = new Map<string, WritableStore<T>>();
  const recent = new Map<string, WritableStore<T>>();
  const collected = new FinalizationRegistry((key: string) => {
    if (stores.get(key)?.deref() === undefined) stores.delete(key);
  });

  function make(key: string): WritableStore<T> {
    let watchers = 0;
    let release: (() => void) | null = null;
    const store = createStore(initial(key), () => {
      if (++watchers === 1) {
        watched.set(key, store);
        release = onWatched(key, store);
      }
      return () => {
        if (--watchers > 0) return;
        watched.delete(key);
        release?.();
        remember(key, store);
      };
    });
    stores.set(key, new WeakRef(store));
    collected.register(store, key);
    return store;
  }
  function remember(key: string, store: WritableStore<T>): void {
    recent.delete(key);
    recent.set(key, store);
    for (const oldest of recent.keys()) {
      if (recent.size <= maxRecent) return;
      recent.delete(oldest);
    }
  }
  return {
    watched,
    get(key) {
      const store = stores.get(key)?.deref() ?? make(key);
      remember(key, store);
      return store;
    },
  };
}
