import { useTask } from '@booner/react';
import { getRouteApi, Link } from '@tanstack/react-router';
import { buttonClass } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { useTitle } from '../ui/use-title.ts';
import { TaskFacts } from './task-facts.tsx';
import { TaskHeader } from './task-header.tsx';
import { TaskOutcome } from './task-outcome.tsx';
import { TaskOutput } from './task-output.tsx';

const route = getRouteApi('/dashboard/tasks/$taskId');

/** One task with everything about it, live. */
export function TaskView() {
  const { taskId } = route.useParams();
  const state = useTask(taskId);
  useTitle(state.type === 'found' ? `${state.task.action} on ${state.task.host}` : 'Task');
  switch (state.type) {
    case 'loading':
      return (
        <p role="status" className="py-10 text-center text-muted">
          Loading the task …
        </p>
      );
    case 'unknown':
      return (
        <EmptyState title="Task not found" isPage>
          <p className="mb-4">It never existed, or it ended so long ago that the hub no longer keeps it.</p>
          <Link to="/dashboard/tasks" className={buttonClass('primary')}>
            Go to tasks
          </Link>
        </EmptyState>
      );
    case 'failed':
      return (
        <div role="alert">
          <EmptyState title="Could not load the task" isPage>
            {state.error.message}. This page retries when it reconnects.
          </EmptyState>
        </div>
      );
    case 'found': {
      const { task } = state;
      return (
        <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_20rem] lg:grid-rows-[auto_auto_1fr]">
          <div className="lg:col-span-2">
            <TaskHeader task={task} />
          </div>
          <TaskOutcome task={task} />
          <div className="min-w-0 lg:col-start-1 lg:row-start-3">
            <TaskOutput key={task.id} task={task} />
          </div>
          <div className="lg:col-start-2 lg:row-span-2 lg:row-start-2">
            <TaskFacts task={task} />
          </div>
        </div>
      );
    }
    default:
      return state satisfies never;
  }
}
