import type { BoonerClient } from '@booner/client';
import { queryOptions } from '@tanstack/react-query';

/** No stream reports secrets, nor runners that get another key. */
const LOOK_AGAIN_MS = 5000;

export const secretsQuery = (client: BoonerClient) =>
  queryOptions({
    queryKey: ['secrets'],
    queryFn: async ({ signal }) => (await client.listSecrets({ signal })).secrets,
    staleTime: 0,
    refetchInterval: LOOK_AGAIN_MS,
  });
