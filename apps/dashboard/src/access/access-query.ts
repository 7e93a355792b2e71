import type { BoonerClient } from '@booner/client';
import { queryOptions } from '@tanstack/react-query';

/** An older answer is refetched when the page is shown again: the hub may have been upgraded. */
const FRESH_MS = 60_000;

/** The signed-in identity, and whether the hub requires sign-in. */
export const accessQuery = (client: BoonerClient) =>
  queryOptions({
    queryKey: ['access'],
    queryFn: ({ signal }) => client.readAccess({ signal }),
    staleTime: FRESH_MS,
    gcTime: Number.POSITIVE_INFINITY,
    retry: false,
    networkMode: 'always',
  });
