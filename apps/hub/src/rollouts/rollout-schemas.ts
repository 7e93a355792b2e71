import {
  parseRolloutId,
  type RolloutId,
  rollbackRequestSchema,
  rolloutAcceptedSchema,
  rolloutCancelSchema,
  rolloutPageSchema,
  rolloutPlanSchema,
  rolloutRequestSchema,
  rolloutSchema,
} from '@booner/protocol';
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { problem } from '../http/problem.ts';
import { SHOWN_TASK_ID } from '../http/shown-values.ts';

const EXAMPLE = {
  ...{ action: 'web.deploy', params: { version: 'v2.4.0' }, selector: 'role=web,env=prod' },
  ...{ batches: [1, '10%', '50%'], maxFailures: 2, between: { waitSeconds: 30, healthy: true } },
};

export const newRolloutBody = rolloutRequestSchema.extend({}).openapi('NewRollout', { example: EXAMPLE });
export const rolloutBody = rolloutSchema.extend({}).openapi('Rollout');
export const planBody = rolloutPlanSchema.extend({}).openapi('RolloutPlan');
export const pageBody = rolloutPageSchema.extend({}).openapi('Rollouts');
export const acceptedBody = rolloutAcceptedSchema.extend({}).openapi('AcceptedRollout');
export const cancelBody = rolloutCancelSchema.extend({}).openapi('RolloutCancel');
export const rollbackBody = rollbackRequestSchema.extend({}).openapi('Rollback', {
  example: { action: 'web.deploy', params: { version: 'v2.3.9' } },
});

/** Parameters of paths with `{id}` of a rollout. */
export const rolloutIdParams = z.object({ id: z.string().openapi(SHOWN_TASK_ID) });

/**
 * Parses the rollout id of a path.
 * @returns `null` for an invalid one, which no rollout has: answer {@link noSuchRollout}
 */
export const rolloutIdFromPath = (c: Context): RolloutId | null => parseRolloutId(c.req.param('id') ?? '');

/** The answer when a rollout does not exist: 404. */
export const noSuchRollout = (c: Context): Response =>
  problem(c, 404, 'No such rollout', 'No rollout has this id. It never existed, or it was removed.');
