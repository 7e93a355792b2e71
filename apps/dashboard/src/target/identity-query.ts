import type { BoonerClient } from '@booner/client';
import { queryOptions } from '@tanstack/react-query';

/** A host that is enrolled anew is seen after so long; no stream tells it. */
const LOOK_INTERVAL_MS = 30_000;

/** When a host was enrolled and by whom. */
export const identityQuery = (client: BoonerClient, host: string) =>
  queryOptions({
    queryKey: ['identity', host],
    queryFn: ({ signal }) => client.readIdentity(host, { signal }),
    refetchInterval: LOOK_INTERVAL_MS,
  });
