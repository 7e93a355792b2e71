import type { TaskFilters } from '@booner/client';
import type { Task } from '@booner/protocol';
import { hasEnded } from '@booner/protocol/has-ended';
import { ENDED_TASKS_SHOWN } from '@booner/protocol/limits';
import { useBoonerClient } from '@booner/react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';

const PAGE_TASKS = 500;

export type OlderTasks = {
  /** Tasks loaded so far. The stream may contain some of them, too. */
  readonly tasks: readonly Task[];
  /** `none`: everything that the hub keeps is shown. */
  readonly state: 'none' | 'more' | 'loading' | 'failed';
  readonly error: string | null;
  readonly load: () => void;
};

/**
 * Tasks that ended too long ago for the stream. Nothing is loaded before `load` is called. The hub
 * applies the filters that it supports.
 */
export function useOlderTasks(
  { status, host, action, selector }: TaskFilters,
  streamedEnded: number,
): OlderTasks {
  const client = useBoonerClient();
  const query = useInfiniteQuery({
    queryKey: ['older-tasks', status, host, action, selector],
    queryFn: ({ pageParam: cursor, signal }) =>
      client.listTasks({ status, host, action, selector, limit: PAGE_TASKS, cursor, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    enabled: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const pages = query.data?.pages;
  // A page keeps its initial state. Tasks that had not ended by then come from the stream.
  const tasks = useMemo(
    () => pages?.flatMap((page) => page.tasks.filter((task) => hasEnded(task.status))) ?? [],
    [pages],
  );
  const isAll = pages === undefined ? streamedEnded < ENDED_TASKS_SHOWN : !query.hasNextPage;
  const state = query.isFetching ? 'loading' : query.isError ? 'failed' : isAll ? 'none' : 'more';
  return {
    tasks,
    state,
    error: query.error?.message ?? null,
    load: () => void (pages === undefined ? query.refetch() : query.fetchNextPage()),
  };
}
