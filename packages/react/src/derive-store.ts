import type { BoonerClient, Store } from '@booner/client';
import { keepSame } from './keep-same.ts';
import type { SelectStore } from './use-store.ts';

/**
 * A store that is made of others: computed when it is read, and only if one of them has changed since. A result with the same members
 * as the one before is the one before.
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

/** Makes one store a client, for all components that select it. */
export function perClient<T>(make: SelectStore<T>): SelectStore<T> {
  const stores = new WeakMap<BoonerClient, Store<T>>();
  return (client) => {
    const store = stores.get(client) ?? make(client);
    stores.set(client, store);
    return store;
  };
}
