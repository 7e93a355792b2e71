import type { TaskStatus } from './task.ts';
import type { TaskStep } from './task-step.ts';

/**
 * Returns the steps of a task that ended with this status. The runner of a lost task does not
 * report the end of the step that ran.
 */
export function settleSteps<Steps extends TaskStep[] | null>(steps: Steps, status: TaskStatus): Steps {
  const isOpen = steps?.some((step) => step.status === 'running' || step.status === 'waiting');
  if (steps === null || !isOpen) return steps;
  const ended = status === 'cancelled' ? 'cancelled' : 'failed';
  return steps.map((step) => {
    if (step.status === 'running') return { ...step, status: ended };
    return step.status === 'waiting' ? { ...step, status: 'skipped' } : step;
  }) as Steps;
}
