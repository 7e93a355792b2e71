import type { BoonerClient } from '@booner/client';
import { queryOptions } from '@tanstack/react-query';

/** No stream reports hooks. */
const LOOK_AGAIN_MS = 5000;
/** Whoever sets up a sender waits for its first delivery. */
const WATCH_MS = 2000;

/** The key that all queries for hooks begin with. */
export const HOOKS_KEY = ['hooks'];

export const hooksQuery = (client: BoonerClient) =>
  queryOptions({
    queryKey: [...HOOKS_KEY, 'list'],
    queryFn: async ({ signal }) => (await client.listHooks({ signal })).hooks,
    staleTime: 0,
    refetchInterval: LOOK_AGAIN_MS,
  });

export const hookQuery = (client: BoonerClient, name: string) =>
  queryOptions({
    queryKey: [...HOOKS_KEY, 'one', name],
    queryFn: ({ signal }) => client.readHook(name, { signal }),
    staleTime: 0,
    refetchInterval: WATCH_MS,
  });
