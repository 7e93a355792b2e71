import { z } from 'zod';

/** Steps of one action. */
export const MAX_STEPS = 20;

/** Name of a step: `build`, `smoke-test`. */
export const stepNameSchema = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,39}$/,
    'must be 1 to 40 of a-z, 0-9, ".", "_" and "-", and start with a letter or digit',
  );

/**
 * `waiting -> running -> completed | failed | cancelled`, and `waiting -> skipped`. A step between
 * two attempts is `running`.
 */
export const stepStatusSchema = z.enum(['waiting', 'running', 'completed', 'failed', 'skipped', 'cancelled']);
export type StepStatus = z.infer<typeof stepStatusSchema>;

/** One step of a task. */
export const taskStepSchema = z.object({
  name: stepNameSchema,
  status: stepStatusSchema,
  /** Number of starts in the current attempt at the task. */
  attempts: z.int().nonnegative(),
  /** From its first start to its end, with the waits between attempts. `null` before its end. */
  durationMs: z.int().nonnegative().nullable(),
  /** Number of its first line in the task's log. `null` before its first start. */
  firstLine: z.int().positive().nullable(),
});
export type TaskStep = z.infer<typeof taskStepSchema>;

export const taskStepsSchema = z.array(taskStepSchema).max(MAX_STEPS);
