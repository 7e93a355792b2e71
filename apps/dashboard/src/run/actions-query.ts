import type { BoonerClient } from '@booner/client';
import { queryOptions } from '@tanstack/react-query';

/** Refresh interval, since no stream reports a new runner. */
export const LOOK_INTERVAL_MS = 15_000;

/** Actions of a host, loaded once for all components. */
export const actionsQuery = (client: BoonerClient, host: string) =>
  queryOptions({
    queryKey: ['actions', host],
    queryFn: ({ signal }) => client.listActions(host, { signal }),
  });

/** All runners with the names of their actions. */
export const runnersQuery = (client: BoonerClient) =>
  queryOptions({
    queryKey: ['runners'],
    queryFn: ({ signal }) => client.listRunners({ signal }),
    refetchInterval: LOOK_INTERVAL_MS,
  });
