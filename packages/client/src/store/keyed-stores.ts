import { createStore, type WritableStore } from './store.ts';

const MAX_RECENT = 100;

export type KeyedStores<T> = {
  /**
   * Returns the store of a key: the same one while it is referenced anywhere, and for a while
   * after.
   */
  get(key: string): WritableStore<T>;
  /** Stores that are watched. */
  readonly watched: ReadonlyMap<string, WritableStore<T>>;
};

export type KeyedStoresOptions<T> = {
  readonly initial: (key: string) => T;
  /**
   * Called when a key gets its first watcher. The returned function is called when the last one
   * leaves.
   */
  readonly onWatched: (key: string, store: WritableStore<T>) => () => void;
  /**
   * Number of stores kept without a reference, so that a view that is left and reopened finds its
   * data. Default: 100.
   */
  readonly maxRecent?: number;
};

/**
 * Creates one store per key on demand. A view requests a store when it renders and watches it
 * later, after any number of others. Only the garbage collector knows whether a store is still
 * referenced. Two stores of one key would replace each other among the watched ones.
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
