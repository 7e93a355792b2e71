import type { Task, TaskChange } from '@booner/protocol';

/**
 * Completes the change that ends a task. A completed task that reported progress is at 100 %; any
 * other keeps its last progress. Its message is cleared, unless the end brings a new one.
 */
export function endedChange(task: Task, change: TaskChange): TaskChange {
  const { status, progressPercent = task.progressPercent, message = null } = change;
  const isComplete = status === 'completed' && progressPercent !== null;
  return {
    ...change,
    ...(isComplete ? { progressPercent: 100 } : {}),
    ...(message === task.message ? {} : { message }),
  };
}
