import type { BoonerClient, Store } from '@booner/client';
import { useMemo, useSyncExternalStore } from 'react';
import { useGetClient } from './booner-provider.ts';

/** Picks a store of a client. MUST stay the same function as long as it picks the same one. */
export type SelectStore<T> = (client: BoonerClient) => Store<T>;

/**
 * The state of a store of the client; the component is drawn again when it is another object.
 * @param initial what a server draws, and the first render of a page that a server has drawn
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
