import type { TaskStatus } from './task.ts';
import type { TaskStep } from './task-step.ts';

/**
 * Returns the steps of a task that ended with this status, which a step that still runs gets too.
 * The runner of a lost task does not report how its steps ended.
 */
export function settleSteps<Steps extends TaskStep[] | null>(steps: Steps, status: TaskStatus): Steps {
  const isOpen = steps?.some((step) => step.status === 'running' || step.status === 'waiting');
  if (steps === null || !isOpen) return steps;
  const ended = status === 'completed' || status === 'cancelled' ? status : 'failed';
  return steps.map((step) => {
    if (step.status === 'running') return { ...step, status: ended };
    return step.status === 'waiting' ? { ...step, status: 'skipped' } : step;
  }) as Steps;
}
