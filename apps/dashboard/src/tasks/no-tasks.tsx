import { useAccess } from '../access/use-access.ts';
import { useFleet } from '../live/use-fleet.ts';
import { RunLink } from '../run/run-link.tsx';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { useTasksConnection } from './use-task-list.ts';

export type NoTasksProps = {
  readonly isLoaded: boolean;
  /** There are tasks, but none match the filters. */
  readonly isFiltered: boolean;
  /** What is wrong with the selector, as a sentence. */
  readonly issue: string | null;
  readonly onClear: () => void;
};

/** Replaces an empty list of tasks, and says why it is empty. */
export function NoTasks({ isLoaded, isFiltered, issue, onClear }: NoTasksProps) {
  const { type, reason } = useTasksConnection();
  const host = useFleet(({ targets }) => targets.keys().next().value ?? null) ?? '10.0.0.2';
  const needsToken = useAccess().signedIn !== null;
  if (!isLoaded) {
    return type === 'offline' ? (
      <EmptyState title="Cannot show tasks">
        The hub cannot be reached: {reason.detail}. This page keeps trying.
      </EmptyState>
    ) : (
      <p role="status" className="py-10 text-center text-muted">
        Loading the tasks …
      </p>
    );
  }
  if (isFiltered) {
    return (
      <EmptyState title="No tasks match">
        <p role={issue === null ? undefined : 'alert'} className="mb-4 break-words">
          {issue ?? 'Only the loaded tasks were searched. Load older ones to search them too.'}
        </p>
        <Button onClick={onClear}>Clear filters</Button>
      </EmptyState>
    );
  }
  return (
    <EmptyState
      title="No tasks yet"
      command={needsToken ? `booner run ${host} countdown --follow` : curlOf(location.origin, host)}
    >
      <p className="mb-4">A task is one run of an action on one target. Run one here or from a shell:</p>
      <RunLink variant="primary">Run an action</RunLink>
    </EmptyState>
  );
}

const curlOf = (origin: string, host: string): string =>
  `curl ${origin}/tasks -H 'content-type: application/json' -d '{"host":"${host}","action":"countdown"}'`;
