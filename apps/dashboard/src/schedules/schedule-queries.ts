import type { BoonerClient } from '@booner/client';
import { queryOptions } from '@tanstack/react-query';

/** No stream reports schedules. */
const LOOK_AGAIN_MS = 5000;

/** The key that all queries for schedules begin with. */
export const SCHEDULES_KEY = ['schedules'];

export const schedulesQuery = (client: BoonerClient) =>
  queryOptions({
    queryKey: [...SCHEDULES_KEY, 'list'],
    queryFn: async ({ signal }) => (await client.listSchedules({ signal })).schedules,
    staleTime: 0,
    refetchInterval: LOOK_AGAIN_MS,
  });

export const scheduleQuery = (client: BoonerClient, name: string) =>
  queryOptions({
    queryKey: [...SCHEDULES_KEY, 'one', name],
    queryFn: ({ signal }) => client.readSchedule(name, { signal }),
    staleTime: 0,
    refetchInterval: LOOK_AGAIN_MS,
  });
