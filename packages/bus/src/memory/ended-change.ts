import { settleSteps, type Task, type TaskChange } from '@booner/protocol';

/**
 * Completes the change that ends a task. A completed task that reported progress is at 100 %; any
 * other keeps its last progress. Its message is cleared, unless the end brings a new one. Steps are
 * those that were reported last.
 */
export function endedChange(task: Task, change: TaskChange): TaskChange {
  const { status = task.status, progressPercent = task.progressPercent, message = null } = change;
  const isComplete = status === 'completed' && progressPercent !== null;
  const steps = settleSteps(change.steps ?? task.steps, status);
  return {
    ...change,
    ...(isComplete ? { progressPercent: 100 } : {}),
    ...(message === task.message ? {} : { message }),
    ...(steps === task.steps ? {} : { steps }),
  };
}
