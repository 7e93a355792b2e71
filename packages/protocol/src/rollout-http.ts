import { z } from 'zod';
import { hostIdSchema } from './host-id-schema.ts';
import { PARAMS_BOUNDS } from './json-bounds.ts';
import { jsonObjectSchema } from './json-object.ts';
import { rolloutHeadSchema } from './rollout.ts';
import { rolloutIdSchema } from './rollout-id.ts';
import { actionNameSchema } from './task.ts';

/** A host of a plan. */
export const plannedHostSchema = z.object({
  host: hostIdSchema,
  /** Index of its batch. */
  batch: z.int().nonnegative(),
  /** `differs`: it offers another version of the action than most hosts, and would run that. */
  state: z.enum([
    'ready',
    'offline',
    'not_offered',
    'differs',
    'bad_params',
    'not_allowed',
    'not_schedulable',
    'no_secret',
  ]),
  /** Says more about the state. */
  detail: z.string().nullable(),
});
export type PlannedHost = z.infer<typeof plannedHostSchema>;

/** Answer of `POST /rollouts/plan`: what a rollout would do now. */
export const rolloutPlanSchema = z.object({
  /** In the order of the rollout. */
  hosts: z.array(plannedHostSchema),
  /** Number of hosts of each batch. */
  batches: z.array(z.int().positive()),
  /** Hosts that may fail. */
  maxFailures: z.int().nonnegative(),
  /** Median duration of the action's last completed tasks; `null`: there are none. */
  taskSeconds: z.number().nullable(),
  /** Estimate of the whole, without approvals and health; `null`: unknown. */
  totalSeconds: z.number().nullable(),
});
export type RolloutPlan = z.infer<typeof rolloutPlanSchema>;

/** Answer of `GET /rollouts`. */
export const rolloutPageSchema = z.object({
  rollouts: z.array(rolloutHeadSchema),
  /** `after` of the next page; `null`: there are no more. */
  next: z.string().nullable(),
});
export type RolloutList = z.infer<typeof rolloutPageSchema>;

/** Answer of `POST /rollouts`. */
export const rolloutAcceptedSchema = z.object({ rollout_id: rolloutIdSchema });

/** Body of `POST /rollouts/:id/cancel`. */
export const rolloutCancelSchema = z.strictObject({
  /** What becomes of tasks that run. */
  running: z.enum(['finish', 'cancel']).default('finish'),
});

/** Body of `POST /rollouts/:id/rollback`. */
export const rollbackRequestSchema = z.strictObject({
  action: actionNameSchema,
  params: jsonObjectSchema(PARAMS_BOUNDS).default({}),
});
