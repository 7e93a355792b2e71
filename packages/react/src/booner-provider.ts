import type { BoonerClient } from '@booner/client';
import { createContext, createElement, type ReactNode, useContext, useMemo } from 'react';
import { sharedClient } from './shared-client.ts';

/** Gives the client when it is needed first: a render on a server needs none. */
type GetClient = () => BoonerClient;

const ClientContext = createContext<GetClient>(() => sharedClient());

export type BoonerProviderProps = { readonly children?: ReactNode } & (
  | {
      /** For a client with a token, a clock or other options. Whoever made it closes it. */
      readonly client: BoonerClient;
      readonly url?: undefined;
    }
  | {
      readonly client?: undefined;
      /** Of the hub, such as `http://localhost:8000`. All providers with one URL share one client. Absent: where the page came from. */
      readonly url?: string | URL | undefined;
    }
);

/** Says which hub the hooks below it are about. Without one they are about the hub that the page came from. */
export function BoonerProvider({ client, url, children }: BoonerProviderProps): ReactNode {
  const href = url === undefined ? undefined : String(url);
  const getClient = useMemo(() => {
    let known = client;
    return () => {
      known ??= sharedClient(href);
      return known;
    };
  }, [client, href]);
  return createElement(ClientContext.Provider, { value: getClient }, children);
}

export const useGetClient = (): GetClient => useContext(ClientContext);

/** The client that the hooks use, for what is no hook: `createTask`, `cancelTask`, `onTaskChange`, `reconnect`. */
export function useBoonerClient(): BoonerClient {
  return useGetClient()();
}
