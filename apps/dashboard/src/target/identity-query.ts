import type { BoonerClient } from '@booner/client';
import { queryOptions } from '@tanstack/react-query';

/** Refresh interval, since no stream reports that a host was re-enrolled. */
const LOOK_INTERVAL_MS = 30_000;

/** When and by whom a host was enrolled. */
export const identityQuery = (client: BoonerClient, host: string) =>
  queryOptions({
    queryKey: ['identity', host],
    queryFn: ({ signal }) => client.readIdentity(host, { signal }),
    refetchInterval: LOOK_INTERVAL_MS,
  });
