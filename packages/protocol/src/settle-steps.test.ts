import { expect, it } from 'vitest';
import { settleSteps } from './settle-steps.ts';
import type { StepStatus, TaskStep } from './task-step.ts';

const step = (status: StepStatus): TaskStep => ({
  name: status,
  status,
  attempts: 1,
  durationMs: null,
  firstLine: null,
});
const after = (steps: TaskStep[] | null) => steps?.map(({ status }) => status) ?? null;

it('ends what was running as the task ended, and skips what had not started', () => {
  const steps = [step('completed'), step('running'), step('waiting'), step('skipped')];
  expect(after(settleSteps(steps, 'failed'))).toEqual(['completed', 'failed', 'skipped', 'skipped']);
  expect(after(settleSteps(steps, 'completed'))).toEqual(['completed', 'completed', 'skipped', 'skipped']);
  expect(after(settleSteps(steps, 'cancelled'))).toEqual(['completed', 'cancelled', 'skipped', 'skipped']);
});

it('returns the same steps if all have ended, and none for a task without steps', () => {
  const steps = [step('completed'), step('failed')];
  expect(settleSteps(steps, 'failed')).toBe(steps);
  expect(settleSteps(null, 'failed')).toBeNull();
});
