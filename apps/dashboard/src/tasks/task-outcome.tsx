import type { Task } from '@booner/protocol';
import { CopyButton } from '../ui/copy-button.tsx';
import { Panel } from '../ui/panel.tsx';
import { TimeAgo } from '../ui/time-ago.tsx';
import { ProgressBar } from './progress-bar.tsx';
import { QueuePosition } from './queue-position.tsx';

/** Progress, error or result of a task. */
export function TaskOutcome({ task }: { readonly task: Task }) {
  switch (task.status) {
    case 'queued':
      return (
        <Panel title="Queued">
          <p className="text-lg">
            <QueuePosition task={task} />
          </p>
          {task.attempt > 0 && (
            <p className="mt-1 text-muted">
              Its runner was lost during the run. The task restarts when the runner is back.
            </p>
          )}
        </Panel>
      );
    case 'running':
      return <Running task={task} />;
    case 'failed':
      return (
        <section className="rounded-md border border-bad-fill bg-bad-wash p-4" aria-label="Error">
          <h2 className="mb-2 font-semibold text-bad">
            <span aria-hidden="true">✕ </span>Failed
          </h2>
          <p className="text-lg break-words whitespace-pre-wrap">{task.error ?? 'No reason was given.'}</p>
          <Result task={task} />
        </section>
      );
    case 'cancelled':
      return (
        <Panel title="Cancelled">
          <p className="text-lg break-words whitespace-pre-wrap">{whenCancelled(task)}</p>
          <Result task={task} />
        </Panel>
      );
    case 'completed':
      return (
        <Panel
          title="Result"
          aside={task.result !== null && <CopyButton text={spell(task.result)} label="Copy JSON" />}
        >
          <Details task={task} />
          <Result task={task} />
        </Panel>
      );
    default:
      return task.status satisfies never;
  }
}

function Running({ task }: { readonly task: Task }) {
  const { progressPercent, message, action, cancelRequestedAtMs } = task;
  return (
    <Panel title={progressPercent === null ? 'Running' : 'Progress'}>
      {progressPercent !== null && (
        <ProgressBar percent={progressPercent} label={`Progress of ${action}`} isLarge className="text-lg" />
      )}
      <p className="live-value mt-1 min-h-6 text-lg break-words">
        {message ?? (progressPercent === null ? 'No progress reported.' : '')}
      </p>
      {cancelRequestedAtMs !== null && (
        <p className="mt-2 rounded-md bg-warn-wash px-3 py-2 text-warn">
          <span aria-hidden="true">⊘ </span>Cancel requested <TimeAgo atMs={cancelRequestedAtMs} />. The task
          is cancelled once all its processes have ended.
        </p>
      )}
    </Panel>
  );
}

/** The result in the action's words. Hidden if the result has only fields. */
function Details({ task: { result } }: { readonly task: Task }) {
  const { details = null } = result ?? {};
  const isSpelled = result !== null && Object.keys(result).length > 0;
  if (typeof details !== 'string' && isSpelled) return null;
  return (
    <p className="text-lg break-words whitespace-pre-wrap">
      {typeof details === 'string' ? details : 'Completed without a result.'}
    </p>
  );
}

/** The whole result, unless its words are all of it. */
function Result({ task: { result } }: { readonly task: Task }) {
  if (result === null) return null;
  const names = Object.keys(result);
  if (names.length === 0 || (names.length === 1 && typeof result.details === 'string')) return null;
  return (
    <pre
      // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable content must be reachable by keyboard
      tabIndex={0}
      className="not-first:mt-3 max-h-96 overflow-auto rounded-md bg-raised p-3 font-mono text-sm"
    >
      {spell(result)}
    </pre>
  );
}

const spell = (result: NonNullable<Task['result']>): string => JSON.stringify(result, null, 2);

/** The error of most cancelled tasks only repeats that they were cancelled. */
function whenCancelled({ attempt, startedAtMs, error }: Task): string {
  const before = attempt === 0 ? 'before it started' : 'before it restarted';
  const when = `Cancelled ${startedAtMs === null ? before : 'while running'}.`;
  return error === null || error === 'cancelled' ? when : `${when} ${error}`;
}
