import { z } from 'zod';
import { credentialIdSchema, subjectSchema } from './access.ts';
import { actionRoleSchema } from './action.ts';
import { alertNameSchema } from './alert-rule.ts';
import { hostIdSchema } from './host-id-schema.ts';
import { MAX_ROLLOUT_HOSTS } from './limits.ts';
import { rolloutIdSchema } from './rollout-id.ts';
import { rolloutRequestSchema } from './rollout-request.ts';
import { MAX_ERROR_CHARACTERS, taskIdSchema } from './task.ts';
import { traceparentSchema } from './traceparent-schema.ts';

const timeMs = z.int().nonnegative();

/**
 * `pending` until its first batch begins. `failed`, `cancelled`: no further host begins, but tasks
 * may still run. A failed or cancelled rollout runs again when its failed hosts are retried.
 */
export const rolloutStatusSchema = z.enum([
  'pending',
  'running',
  'paused',
  'waiting_for_approval',
  'completed',
  'failed',
  'cancelled',
]);
export type RolloutStatus = z.infer<typeof rolloutStatusSchema>;

/**
 * `waiting`: its turn has not come, or it is offline. `queued`, `running`: its task is. `checking`:
 * its task has completed, and the check between batches has not.
 */
export const rolloutHostStatusSchema = z.enum([
  'waiting',
  'queued',
  'running',
  'checking',
  'completed',
  'failed',
  'cancelled',
  'skipped',
]);
export type RolloutHostStatus = z.infer<typeof rolloutHostStatusSchema>;

/** A host of a rollout. */
export const rolloutHostSchema = z.object({
  host: hostIdSchema,
  /** Position in the order of the rollout, from 0. */
  index: z.int().nonnegative(),
  /** Index of its batch. */
  batch: z.int().nonnegative(),
  status: rolloutHostStatusSchema,
  /** Task of the action; the latest one, if it was retried. */
  taskId: taskIdSchema.nullable(),
  /** Task of the check between batches. */
  checkId: taskIdSchema.nullable(),
  /** Why it failed, was skipped, or waits. */
  error: z.string().max(MAX_ERROR_CHARACTERS).nullable(),
  /** Hash of the action as the host offered it at the start; `null`: it had no runner. */
  definition: z.string().max(64).nullable(),
  /** When its turn came while it was offline. */
  offlineSinceMs: timeMs.nullable(),
});
export type RolloutHost = z.infer<typeof rolloutHostSchema>;

/** Time to approve. The rollout is paused after it. */
export const APPROVAL_TTL_MS = 24 * 3_600_000;

/** What has to happen before the present batch begins. */
const gateSchema = z.object({
  /** When the batch before it was done. */
  sinceMs: timeMs,
  /** An approval that is missing; `null`: none is. */
  approval: z.object({ askedAtMs: timeMs, expiresAtMs: timeMs }).nullable(),
});

/** Rollout without its hosts. Times are Unix milliseconds by the bus' clock. */
export const rolloutHeadSchema = z.object({
  id: rolloutIdSchema,
  /** Counts the changes, starting at 1. */
  version: z.int().positive(),
  status: rolloutStatusSchema,
  request: rolloutRequestSchema,
  /** Creator, as in the audit log; `null` on a hub that does not require sign-in. */
  createdBy: subjectSchema.nullable(),
  /** Credential whose rights apply each time that a host begins. */
  credentialId: credentialIdSchema.nullable(),
  /**
   * Role that has to approve it before its first batch, because the action demands that; `null`:
   * the
   * action does not.
   */
  approver: actionRoleSchema.nullable(),
  /** Schedule or hook that started it: then the action has to be schedulable. */
  schedule: alertNameSchema.nullable(),
  hook: alertNameSchema.nullable().default(null),
  /** Rollout whose hosts this one rolls back. */
  rollbackOf: rolloutIdSchema.nullable(),
  /** Trace context of the request that created it, for its tasks. */
  traceparent: traceparentSchema.nullable().default(null),
  createdAtMs: timeMs,
  startedAtMs: timeMs.nullable(),
  endedAtMs: timeMs.nullable(),
  /** Number of batches, and the index of the present one. */
  batches: z.int().nonnegative(),
  batch: z.int().nonnegative(),
  /** `null`: the present batch has begun. */
  gate: gateSchema.nullable(),
  /** Why it has this status, or what it waits for, as a sentence. */
  reason: z.string().max(MAX_ERROR_CHARACTERS).nullable(),
  /** Status to return to after a pause. */
  pausedFrom: z.enum(['running', 'waiting_for_approval']).nullable(),
  /** Running tasks are cancelled too. */
  cancelsRunning: z.boolean(),
  /** Number of hosts by status. Statuses without hosts are absent. */
  counts: z.partialRecord(rolloutHostStatusSchema, z.int().positive()),
});
export type RolloutHead = z.infer<typeof rolloutHeadSchema>;

/** A rollout: one action on many hosts, in batches. */
export const rolloutSchema = rolloutHeadSchema.extend({
  /** Frozen when it was created, in the order of their index. */
  hosts: z.array(rolloutHostSchema).max(MAX_ROLLOUT_HOSTS),
});
export type Rollout = z.infer<typeof rolloutSchema>;
