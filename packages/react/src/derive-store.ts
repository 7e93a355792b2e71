import type { BoonerClient, Store } from '@booner/client';
import { keepSame } from './keep-same.ts';
import type { SelectStore } from './use-store.ts';

/**
 * Derives a store from others. It is computed on read, and only if one of them has changed. A
 * result with the same members as the previous one is the previous object.
 */
export function deriveStore<const Sources extends readonly unknown[], T>(
  sources: { readonly [Index in keyof Sources]: Store<Sources[Index]> },
  derive: (values: Sources, before: T | null) => T,
): Store<T> {
  let last: { readonly values: Sources; readonly derived: T } | null = null;
  return {
    getSnapshot() {
      const values = sources.map((source) => source.getSnapshot()) as readonly unknown[] as Sources;
      if (last === null || values.some((value, index) => !Object.is(value, last?.values[index]))) {
        const before = last?.derived ?? null;
        last = { values, derived: keepSame(before, derive(values, before)) };
      }
      return last.derived;
    },
    subscribe(listener) {
      const ends = sources.map((source) => source.subscribe(listener));
      return () => {
        for (const end of ends) end();
      };
    },
  };
}

/** Creates one store per client, shared by all components that select it. */
export function perClient<T>(make: SelectStore<T>): SelectStore<T> {
  const stores = new WeakMap<BoonerClient, Store<T>>();
  return (client) => {
    const store = stores.get(client) ?? make(client);
    stores.set(client, store);
    return store;
  };
}
