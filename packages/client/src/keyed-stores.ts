import { createStore, type WritableStore } from './store.ts';

/** Stores that nobody watches and that are kept all the same, so that a view finds what it has just asked for. */
const MAX_UNWATCHED = 100;

export type KeyedStores<T> = {
  /** The store of a key: the same one as long as it is watched, and a while longer. */
  get(key: string): WritableStore<T>;
  /** Those that are watched. */
  readonly watched: ReadonlyMap<string, WritableStore<T>>;
};

export type KeyedStoresOptions<T> = {
  readonly initial: (key: string) => T;
  /** Called when a key is watched first, and with what it returned when it is not watched any more. */
  readonly onWatched: (key: string, store: WritableStore<T>) => () => void;
};

/** One store a key, made when it is asked for. */
export function createKeyedStores<T>({ initial, onWatched }: KeyedStoresOptions<T>): KeyedStores<T> {
  const stores = new Map<string, WritableStore<T>>();
  const watched = new Map<string, WritableStore<T>>();

  function make(key: string): WritableStore<T> {
    let watchers = 0;
    let release: (() => void) | null = null;
    const store = createStore(initial(key), () => {
      if (++watchers === 1) {
        watched.set(key, store);
        stores.set(key, store);
        release = onWatched(key, store);
      }
      return () => {
        if (--watchers > 0) return;
        watched.delete(key);
        release?.();
      };
    });
    return store;
  }
  function forgetOldest(): void {
    for (const key of stores.keys()) {
      if (stores.size - watched.size <= MAX_UNWATCHED) return;
      if (!watched.has(key)) stores.delete(key);
    }
  }
  return {
    watched,
    get(key) {
      const known = stores.get(key);
      if (known !== undefined) return known;
      const store = make(key);
      stores.set(key, store);
      forgetOldest();
      return store;
    },
  };
}
