import { RunLink } from '../run/run-link.tsx';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { useTasksConnection } from './use-task-list.ts';

export type NoTasksProps = {
  readonly isLoaded: boolean;
  /** There are tasks, but none that the filters let through. */
  readonly isFiltered: boolean;
  readonly onClear: () => void;
};

/** What stands where no task is to be shown, and says why. */
export function NoTasks({ isLoaded, isFiltered, onClear }: NoTasksProps) {
  const { type, reason } = useTasksConnection();
  if (!isLoaded) {
    return type === 'offline' ? (
      <EmptyState title="The tasks are not known">
        There is no connection to the hub: {reason.detail}. The page goes on trying.
      </EmptyState>
    ) : (
      <p role="status" className="py-10 text-center text-muted">
        Loading the tasks …
      </p>
    );
  }
  if (isFiltered) {
    return (
      <EmptyState title="No task is like that">
        <p className="mb-4">Tasks that ended long ago may have to be loaded first.</p>
        <Button onClick={onClear}>Clear the filters</Button>
      </EmptyState>
    );
  }
  return (
    <EmptyState title="No tasks yet" command={commandOf(location.origin)}>
      <p className="mb-4">
        A task is one run of an action on one target. Choose what to run here, or ask for it from a shell:
      </p>
      <RunLink variant="primary">Run an action</RunLink>
    </EmptyState>
  );
}

const commandOf = (origin: string): string =>
  `curl ${origin}/tasks -H 'content-type: application/json' -d '{"host":"10.0.0.2","action":"countdown"}'`;
