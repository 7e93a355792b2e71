import type { Task } from '@booner/protocol';
import clsx from 'clsx';
import { ProgressBar } from './progress-bar.tsx';
import { shortResult } from './short-result.ts';

/** Summary of a task in a list: its progress, its result, or why it failed. */
export function TaskNews({ task }: { readonly task: Task }) {
  const { status, action, attempt, progressPercent, message, error, cancelRequestedAtMs } = task;
  if (status === 'running') {
    const words = cancelRequestedAtMs === null ? (message ?? '') : 'Cancel requested';
    return (
      <span className="flex items-center gap-3">
        {progressPercent !== null && (
          <ProgressBar
            percent={progressPercent}
            label={`Progress of ${action}`}
            className="w-32 shrink-0 lg:w-40"
          />
        )}
        <span className={clsx('truncate', cancelRequestedAtMs === null ? 'text-muted' : 'text-warn')}>
          {words || (progressPercent === null ? 'No progress reported' : '')}
        </span>
      </span>
    );
  }
  if (status === 'cancelled') {
    return <span className="text-muted">{cancelledWhen(task)}</span>;
  }
  const waits = attempt === 0 ? 'Queued' : 'Queued again: its runner was lost';
  const text = error ?? (status === 'queued' ? waits : (shortResult(task.result) ?? message));
  if (text === null) return null;
  return (
    <span
      className={clsx('line-clamp-2 break-words', error === null ? 'text-muted' : 'text-bad')}
      title={text.length > 80 ? text : undefined}
    >
      {text}
    </span>
  );
}

function cancelledWhen({ attempt, startedAtMs }: Task): string {
  if (attempt === 0) return 'Before it started';
  return startedAtMs === null ? 'Before it restarted' : 'While running';
}
