import type { BoonerClient } from '@booner/client';
import { createContext, createElement, type ReactNode, useContext, useMemo } from 'react';
import { sharedClient } from './shared-client.ts';

/** Provides the client once it is needed. Rendering on a server needs none. */
type GetClient = () => BoonerClient;

const ClientContext = createContext<GetClient>(() => sharedClient());

export type BoonerProviderProps = { readonly children?: ReactNode } & (
  | {
      /** Client with a token, a clock or other options. Its creator closes it. */
      readonly client: BoonerClient;
      readonly url?: undefined;
    }
  | {
      readonly client?: undefined;
      /**
       * URL of the hub, such as `http://localhost:8000`. Providers with the same URL share one
       * client. Default: the origin of the page.
       */
      readonly url?: string | URL | undefined;
    }
);

/**
 * Selects the hub for the hooks below it. Without a provider, hooks use the hub that served the
 * page.
 */
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

/**
 * Returns the client that the hooks use, for everything without a hook: `createTask`, `cancelTask`,
 * `onTaskChange`, `reconnect`.
 */
export function useBoonerClient(): BoonerClient {
  return useGetClient()();
}
