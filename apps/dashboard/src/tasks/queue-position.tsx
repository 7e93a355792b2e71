import type { Task } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useQuery } from '@tanstack/react-query';
import { formatCount } from '../format/numbers.ts';

/**
 * Refresh interval. The position depends on other tasks, so the task's own stream does not report
 * it.
 */
const ASK_AGAIN_MS = 3000;

/** Shows the position of a queued task. */
export function QueuePosition({ task: { id, host, external } }: { readonly task: Task }) {
  const client = useBoonerClient();
  const { data } = useQuery({
    queryKey: ['queue-position', id],
    queryFn: async ({ signal }) => (await client.readTask(id, { signal })).queuePosition,
    enabled: !external,
    refetchInterval: ASK_AGAIN_MS,
    staleTime: 0,
  });
  if (external) return 'Waiting for the program that runs this task.';
  if (data === undefined || data === null) return `Waiting to start on ${host}.`;
  return data === 1 ? `Next to start on ${host}.` : `Number ${formatCount(data)} in the queue of ${host}.`;
}
