import type { Task } from '@booner/protocol';
import { UNKNOWN } from '../format/numbers.ts';
import { formatDuration } from '../format/times.ts';
import { useNow } from '../ui/use-now.ts';

/** Duration of a task that ran or is running; unknown if it never started. */
export function TaskDuration({ task }: { readonly task: Task }) {
  const { startedAtMs, endedAtMs } = task;
  if (startedAtMs === null) return UNKNOWN;
  if (endedAtMs === null) return <Since atMs={startedAtMs} />;
  return formatDuration(endedAtMs - startedAtMs, { withTenths: true });
}

/** The growing time since a moment. */
export function Since({ atMs }: { readonly atMs: number }) {
  return formatDuration(useNow() - atMs);
}
