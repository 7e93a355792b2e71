import type { BoonerClient } from '@booner/client';
import { queryOptions } from '@tanstack/react-query';

/** Refresh interval of the times of last use. */
const LOOK_AGAIN_MS = 15_000;

export const tokensQuery = (client: BoonerClient) =>
  queryOptions({
    queryKey: ['tokens'],
    queryFn: ({ signal }) => client.listTokens({ signal }),
    staleTime: 0,
    refetchInterval: LOOK_AGAIN_MS,
  });
