import type { BoonerClient } from '@booner/client';
import { queryOptions } from '@tanstack/react-query';

/** Actions of a host, loaded once for all components. */
export const actionsQuery = (client: BoonerClient, host: string) =>
  queryOptions({
    queryKey: ['actions', host],
    queryFn: ({ signal }) => client.listActions(host, { signal }),
  });
