import type { BoonerClient, Store } from '@booner/client';
import { useMemo, useSyncExternalStore } from 'react';
import { useGetClient } from './booner-provider.ts';

/** Selects a store of a client. MUST stay the same function while it selects the same store. */
export type SelectStore<T> = (client: BoonerClient) => Store<T>;

/**
 * Returns the value of a client's store. The component renders again when it is another object.
 * @param initial value on a server, and for the first render of a server-rendered page
 */
export function useStore<T>(select: SelectStore<T>, initial: T): T {
  const getClient = useGetClient();
  const { subscribe, getSnapshot } = useMemo(() => {
    let store: Store<T> | null = null;
    const get = (): Store<T> => {
      store ??= select(getClient());
      return store;
    };
    return {
      subscribe: (listener: () => void) => get().subscribe(listener),
      getSnapshot: () => get().getSnapshot(),
    };
  }, [getClient, select]);
  return useSyncExternalStore(subscribe, getSnapshot, () => initial);
}
