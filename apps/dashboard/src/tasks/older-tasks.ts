import type { Problem, Task } from '@booner/protocol';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { TasksSearch } from './tasks-search.ts';

const PAGE_TASKS = 500;
/** How many ended tasks the stream begins with, if there are so many: with fewer there are no others. */
const STREAMED_ENDED_TASKS = 200;

type TaskPage = { readonly tasks: readonly Task[]; readonly next: string | null };
type Filters = Pick<TasksSearch, 'status' | 'host' | 'action'>;

export type OlderTasks = {
  /** What was loaded so far; those that the stream holds too may be among them. */
  readonly tasks: readonly Task[];
  /** `none`: everything is shown that the hub keeps. */
  readonly state: 'none' | 'more' | 'loading' | 'failed';
  readonly error: string | null;
  readonly load: () => void;
};

/** Tasks that ended too long ago for the stream. Nothing is asked for before `load`; the hub applies the filters that it knows. */
export function useOlderTasks({ status, host, action }: Filters, streamedEnded: number): OlderTasks {
  const query = useInfiniteQuery({
    queryKey: ['older-tasks', status, host, action],
    queryFn: ({ pageParam, signal }) => readPage({ status, host, action }, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    enabled: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const pages = query.data?.pages;
  const tasks = useMemo(() => pages?.flatMap((page) => page.tasks) ?? [], [pages]);
  const isAll = pages === undefined ? streamedEnded < STREAMED_ENDED_TASKS : !query.hasNextPage;
  const state = query.isFetching ? 'loading' : query.isError ? 'failed' : isAll ? 'none' : 'more';
  return {
    tasks,
    state,
    error: query.error?.message ?? null,
    load: () => void (pages === undefined ? query.refetch() : query.fetchNextPage()),
  };
}

async function readPage(filters: Filters, cursor: string | null, signal: AbortSignal): Promise<TaskPage> {
  const query = new URLSearchParams({ version: '2', limit: String(PAGE_TASKS) });
  for (const [name, value] of Object.entries(filters)) if (value !== undefined) query.set(name, value);
  if (cursor !== null) query.set('cursor', cursor);
  const response = await fetch(`/tasks?${query}`, { headers: { accept: 'application/json' }, signal });
  const answer = (await response.json()) as TaskPage & Partial<Problem>;
  if (!response.ok) throw new Error(answer.detail ?? `the hub answered with status ${response.status}`);
  return answer;
}
