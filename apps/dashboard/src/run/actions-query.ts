import type { BoonerClient } from '@booner/client';
import { queryOptions } from '@tanstack/react-query';

/** What a host offers to run; asked for once, by whoever needs it. */
export const actionsQuery = (client: BoonerClient, host: string) =>
  queryOptions({
    queryKey: ['actions', host],
    queryFn: ({ signal }) => client.listActions(host, { signal }),
  });
