import type { BoonerClient } from '@booner/client';
import { queryOptions } from '@tanstack/react-query';

/** So old an answer is asked for anew when the page is shown again: the hub may have been upgraded. */
const FRESH_MS = 60_000;

/** Who is signed in, and whether the hub wants to know. */
export const accessQuery = (client: BoonerClient) =>
  queryOptions({
    queryKey: ['access'],
    queryFn: ({ signal }) => client.readAccess({ signal }),
    staleTime: FRESH_MS,
    gcTime: Number.POSITIVE_INFINITY,
    retry: false,
    networkMode: 'always',
  });
