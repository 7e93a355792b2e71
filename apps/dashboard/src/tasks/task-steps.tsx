import type { TaskStep } from '@booner/protocol';
import { formatCount } from '../format/numbers.ts';
import { formatDuration } from '../format/times.ts';
import { Panel } from '../ui/panel.tsx';
import { StatusWord } from '../ui/status-word.tsx';

export type TaskStepsProps = {
  readonly steps: readonly TaskStep[];
  /** Shows a line of the log. */
  readonly onShowLine: (line: number) => void;
};

/** Steps of a task, with state, duration and their place in the log. */
export function TaskSteps({ steps, onShowLine }: TaskStepsProps) {
  return (
    <Panel title="Steps">
      <ol className="grid grid-cols-[auto_minmax(0,1fr)_auto_auto] items-baseline gap-x-4 gap-y-1">
        {steps.map(({ name, status, attempts, durationMs, firstLine }) => (
          <li key={name} className="col-span-full grid grid-cols-subgrid items-baseline">
            <StatusWord status={status} />
            <span className="min-w-0 break-words">
              {name}
              {attempts > 1 && <span className="text-sm text-muted"> · attempt {formatCount(attempts)}</span>}
            </span>
            <span className="text-right text-muted">
              {durationMs !== null && formatDuration(durationMs, { withTenths: true })}
            </span>
            <span className="text-right">
              {firstLine !== null && (
                <button
                  type="button"
                  onClick={() => onShowLine(firstLine)}
                  aria-label={`Show ${name} in the log`}
                  className="text-accent underline underline-offset-2 pointer-coarse:-my-2.5 pointer-coarse:py-2.5"
                >
                  line {formatCount(firstLine)}
                </button>
              )}
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
