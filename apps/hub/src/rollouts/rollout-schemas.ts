import {
  actionNameSchema,
  jsonObjectSchema,
  PARAMS_BOUNDS,
  parseRolloutId,
  plannedHostSchema,
  type RolloutId,
  rollbackRequestSchema,
  rolloutAcceptedSchema,
  rolloutCancelSchema,
  rolloutHeadSchema,
  rolloutHostSchema,
  rolloutPageSchema,
  rolloutPlanSchema,
  rolloutRequestSchema,
  rolloutSchema,
} from '@booner/protocol';
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { hostSchema } from '../fleet/host-path.ts';
import { orNull } from '../http/openapi.ts';
import { problem } from '../http/problem.ts';
import { SELECTOR_FORMAT, SHOWN_OBJECT, SHOWN_TASK_ID } from '../http/shown-values.ts';

const EXAMPLE = {
  ...{ action: 'web.deploy', params: { version: 'v2.4.0' }, selector: 'role=web,env=prod' },
  ...{ batches: [1, '10%', '50%'], maxFailures: 2, between: { waitSeconds: 30, healthy: true } },
};

const id = z.string().openapi(SHOWN_TASK_ID);
const params = jsonObjectSchema(PARAMS_BOUNDS).openapi(SHOWN_OBJECT).default({});
const between = rolloutRequestSchema.shape.between
  .unwrap()
  .extend({ check: z.strictObject({ action: actionNameSchema, params }).optional() });

export const newRolloutBody = rolloutRequestSchema
  .extend({
    params,
    selector: rolloutRequestSchema.shape.selector.meta({
      ...{ type: 'string', format: SELECTOR_FORMAT, example: 'role=web,env=prod' },
      description: 'Targets, by labels of operators and host alone. An empty one selects nothing.',
    }),
    between: between.default({ waitSeconds: 0, healthy: true }),
  })
  .openapi('NewRollout', { example: EXAMPLE });

const head = {
  id,
  request: newRolloutBody,
  rollbackOf: orNull(id),
};
const hostBody = rolloutHostSchema
  .extend({ host: hostSchema, taskId: orNull(id), checkId: orNull(id) })
  .openapi('RolloutHost');
export const rolloutBody = rolloutSchema.extend({ ...head, hosts: z.array(hostBody) }).openapi('Rollout');
export const pageBody = rolloutPageSchema
  .extend({ rollouts: z.array(rolloutHeadSchema.extend(head).openapi('RolloutHead')) })
  .openapi('Rollouts');
export const planBody = rolloutPlanSchema
  .extend({ hosts: z.array(plannedHostSchema.extend({ host: hostSchema }).openapi('PlannedHost')) })
  .openapi('RolloutPlan');
export const acceptedBody = rolloutAcceptedSchema.extend({ rollout_id: id }).openapi('AcceptedRollout');
export const cancelBody = rolloutCancelSchema.extend({}).openapi('RolloutCancel');
export const rollbackBody = rollbackRequestSchema.extend({ params }).openapi('Rollback', {
  example: { action: 'web.deploy', params: { version: 'v2.3.9' } },
});

/** Parameters of paths with `{id}` of a rollout. */
export const rolloutIdParams = z.object({ id });

/**
 * Parses the rollout id of a path.
 * @returns `null` for an invalid one, which no rollout has: answer {@link noSuchRollout}
 */
export const rolloutIdFromPath = (c: Context): RolloutId | null => parseRolloutId(c.req.param('id') ?? '');

/** The answer when a rollout does not exist: 404. */
export const noSuchRollout = (c: Context): Response =>
  problem(c, 404, 'No such rollout', 'No rollout has this id. It never existed, or it was removed.');
