import type { TaskLog } from '@booner/client';
import type { Task } from '@booner/protocol';
import { formatCount } from '../../format/numbers.ts';

export type NoLinesProps = {
  readonly task: Task;
  readonly log: TaskLog;
  /** True if it is as high as a log. */
  readonly isFixed: boolean;
};

/** Replaces an empty log, and says why it is empty. */
export function NoLines({ task, log, isFixed }: NoLinesProps) {
  return (
    <p
      className={`flex items-center justify-center px-4 text-center text-muted ${isFixed ? 'h-[65dvh] min-h-64' : 'min-h-32'}`}
    >
      {reason(task, log)}
    </p>
  );
}

function reason(
  { status, attempt, logLines, external }: Task,
  { isLoaded, isEnded, error }: TaskLog,
): string {
  if (error !== null) return `Could not load the log: ${error.message}.`;
  if (!isLoaded) return 'Loading the log …';
  if (logLines > 0 && isEnded) return `Its ${formatCount(logLines)} lines are no longer kept.`;
  if (isEnded) return 'The task printed nothing.';
  if (status === 'queued' && attempt === 0) return 'The task has not started.';
  return external
    ? 'The program that runs this task has sent no lines.'
    : 'The task has printed nothing yet.';
}
