import type { TaskLog } from '@booner/client';
import type { Task } from '@booner/protocol';
import { formatCount } from '../../format/numbers.ts';

export type NoLinesProps = {
  readonly task: Task;
  readonly log: TaskLog;
  /** Whether it is as high as a log. */
  readonly isFixed: boolean;
};

/** Stands where there is no log, and says why. */
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
  if (error !== null) return `The log could not be loaded: ${error.message}.`;
  if (!isLoaded) return 'Loading the log …';
  if (logLines > 0 && isEnded) return `Its ${formatCount(logLines)} lines are not kept any more.`;
  if (isEnded) return 'It printed nothing.';
  if (status === 'queued' && attempt === 0) return 'It has not started.';
  return external ? 'The program that drives it has sent no lines.' : 'It has printed nothing yet.';
}
