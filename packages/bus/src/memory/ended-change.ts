import type { Task, TaskChange } from '@booner/protocol';

/**
 * Completes the change that ends a task, so that its progress is that of an ended one: 100 once it is completed, if it said any; how
 * far it came otherwise. What it was doing it does no more, unless the end itself brings a message.
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
