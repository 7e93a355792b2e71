import { z } from 'zod';
import { taskArtefactsSchema } from './artefact.ts';
import { hostIdSchema } from './host-id-schema.ts';
import { PARAMS_BOUNDS, RESULT_BOUNDS } from './json-bounds.ts';
import { jsonObjectSchema } from './json-object.ts';
import { MAX_SUBJECT_CHARACTERS } from './limits.ts';
import { rolloutIdSchema } from './rollout-id.ts';
import { parseTaskId, type TaskId } from './task-id.ts';
import { taskStepsSchema } from './task-step.ts';
import { traceparentSchema } from './traceparent-schema.ts';

export const taskIdSchema = z.custom<TaskId>(
  (value) => typeof value === 'string' && parseTaskId(value) !== null,
  { error: 'must be a task id of 21 letters, digits, _ and -' },
);

/**
 * `queued -> running -> completed | failed | cancelled`, and `queued -> cancelled | failed`. Ended
 * states are final. A task of an idempotent action whose runner was lost goes from `running` back
 * to `queued`.
 */
export const taskStatusSchema = z.enum(['queued', 'running', 'completed', 'failed', 'cancelled']);
export type TaskStatus = z.infer<typeof taskStatusSchema>;

/** Maximum number of starts of a task of an idempotent action that does not say otherwise. */
export const DEFAULT_ATTEMPTS = 3;
/** Maximum number of starts that an action may allow. */
export const MAX_ATTEMPTS = 10;

export const MAX_MESSAGE_CHARACTERS = 500;
export const MAX_ERROR_CHARACTERS = 2000;

/** Form of the name of an action, for documents. */
export const ACTION_NAME_PATTERN = '^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$';

/** Name of an action: `game.deploy`, `disk-usage`. */
export const actionNameSchema = z
  .string()
  .regex(new RegExp(ACTION_NAME_PATTERN), 'must be 1 to 64 of a-z, 0-9, ".", "_" and "-"');

/** A task in version 2. Times are Unix milliseconds by the bus' clock. */
export const taskSchema = z.object({
  id: taskIdSchema,
  /** Counts the changes of this task, starting at 1. The higher of two versions is newer. */
  version: z.int().positive(),
  status: taskStatusSchema,
  host: hostIdSchema,
  action: actionNameSchema,
  /** Secret values are `[redacted]`. */
  params: jsonObjectSchema(PARAMS_BOUNDS),
  /** Run by another program over HTTP instead of by a runner. */
  external: z.boolean(),
  /** A dry run: the action's `check` command runs in place of the action. */
  check: z.boolean().default(false),
  /**
   * Number of starts; 0 before the first. More than 1 only for idempotent actions, or if a granted
   * start never happened.
   */
  attempt: z.int().nonnegative(),
  /**
   * Number of starts that its action allows. `null` before the first, if the action is not
   * idempotent, and for tasks of hubs before 0.2.
   */
  maxAttempts: z.int().positive().nullable().default(null),
  createdAtMs: z.int(),
  /**
   * Who created it: the id of a credential, a space and the name, as in the audit log. `null` on a
   * hub that does not require sign-in, and for tasks of hubs before 0.2.
   */
  createdBy: z.string().min(1).max(MAX_SUBJECT_CHARACTERS).nullable(),
  /** Rollout that it is part of. Hubs before 0.2 do not send it. */
  rollout: rolloutIdSchema.nullable().default(null),
  /** Trace context of the request that created it. Hubs before 0.2 do not send it. */
  traceparent: traceparentSchema.nullable().default(null),
  startedAtMs: z.int().nullable(),
  endedAtMs: z.int().nullable(),
  /** When cancellation was requested. The task is `cancelled` once its processes are gone. */
  cancelRequestedAtMs: z.int().nullable(),
  /**
   * 0 to 100, as reported by the action; `null` if it reports none. A completed task that reported
   * any is at 100. A failed or cancelled one keeps its last value.
   */
  progressPercent: z.int().min(0).max(100).nullable(),
  /**
   * Message of the action. `null` once the task has ended, unless the change that ended an external
   * task included one.
   */
  message: z.string().max(MAX_MESSAGE_CHARACTERS).nullable(),
  result: jsonObjectSchema(RESULT_BOUNDS).nullable(),
  error: z.string().max(MAX_ERROR_CHARACTERS).nullable(),
  /** Lines of output so far, including dropped ones. */
  logLines: z.int().nonnegative(),
  /** `null` for an action with one command, and for tasks of hubs and runners before 0.2. */
  steps: taskStepsSchema.nullable().default(null),
  /** `null` until it has ended, without any, and for tasks of hubs and runners before 0.2. */
  artefacts: taskArtefactsSchema.nullable().default(null),
});

export type Task = z.infer<typeof taskSchema>;

/** Fields of a task that can change after its creation. */
export type TaskChange = Partial<
  Omit<
    Task,
    | 'id'
    | 'version'
    | 'host'
    | 'action'
    | 'params'
    | 'external'
    | 'check'
    | 'createdAtMs'
    | 'createdBy'
    | 'rollout'
    | 'traceparent'
  >
>;

/** One task in version 1. */
export const taskMapEntrySchema = z.object({
  status: taskStatusSchema,
  result: jsonObjectSchema(RESULT_BOUNDS).optional(),
  error: z.string().optional(),
});

/**
 * Version 1 of the task stream: every task that has not ended, and the most recently ended ones.
 * `GET /tasks` wraps it in `{"tasks": …}`.
 */
export const taskMapSchema = z.record(z.string(), taskMapEntrySchema);
export type TaskMap = z.infer<typeof taskMapSchema>;
