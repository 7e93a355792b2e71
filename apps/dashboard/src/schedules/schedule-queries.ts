import { queryOptions } from '@tanstack/react-query';
import { listSchedules, readSchedule } from './schedule-api.ts';

/** No stream reports schedules. */
const LOOK_AGAIN_MS = 5000;

/** The key that all queries for schedules begin with. */
export const SCHEDULES_KEY = ['schedules'];

export const schedulesQuery = queryOptions({
  queryKey: [...SCHEDULES_KEY, 'list'],
  queryFn: ({ signal }) => listSchedules({ signal }),
  staleTime: 0,
  refetchInterval: LOOK_AGAIN_MS,
});

export const scheduleQuery = (name: string) =>
  queryOptions({
    queryKey: [...SCHEDULES_KEY, 'one', name],
    queryFn: ({ signal }) => readSchedule(name, { signal }),
    staleTime: 0,
    refetchInterval: LOOK_AGAIN_MS,
  });
