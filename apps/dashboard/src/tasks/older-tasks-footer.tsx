import { formatCount } from '../format/numbers.ts';
import { Button } from '../ui/button.tsx';
import type { OlderTasks } from './older-tasks.ts';

export type OlderTasksFooterProps = {
  readonly older: OlderTasks;
  readonly shown: number;
  readonly known: number;
};

/** Shows how many of all tasks are listed, and loads more. */
export function OlderTasksFooter({ older: { state, error, load }, shown, known }: OlderTasksFooterProps) {
  const count =
    shown === known ? `${formatCount(known)} tasks` : `${formatCount(shown)} of ${formatCount(known)} tasks`;
  return (
    <div className="flex min-h-10 flex-wrap items-center justify-center gap-3 text-sm text-muted">
      <p role="status">
        {state === 'failed' ? (
          <span className="text-bad">Could not load older tasks: {error}</span>
        ) : state === 'none' ? (
          `${count}, all that the hub keeps`
        ) : (
          `${count}; the hub may keep older ones`
        )}
      </p>
      {state !== 'none' && (
        <Button onClick={load} disabled={state === 'loading'} focusableWhenDisabled>
          {state === 'loading' ? 'Loading …' : state === 'failed' ? 'Try again' : 'Load older'}
        </Button>
      )}
    </div>
  );
}
