import { z } from 'zod';
import { PARAMS_BOUNDS } from './json-bounds.ts';
import { jsonObjectSchema } from './json-object.ts';
import { findLabelKeyIssue } from './labels.ts';
import { MAX_ROLLOUT_BATCHES, MAX_ROLLOUT_HOSTS, MAX_ROLLOUT_WAIT_SECONDS } from './limits.ts';
import { accessSelectorTextSchema } from './selector-schema.ts';
import { actionNameSchema } from './task.ts';

const PERCENT = /^(?:100|[1-9]?\d)%$/;

const percentSchema = z.string().regex(PERCENT, 'must be a number of hosts, or a percentage such as "10%"');

const batchSizeSchema = z.union(
  [z.int().min(1).max(MAX_ROLLOUT_HOSTS), percentSchema.refine((text) => text !== '0%', 'must not be 0%')],
  { error: 'must be a number of hosts from 1, or a percentage such as "10%"' },
);

const failureLimitSchema = z.union([z.int().min(0).max(MAX_ROLLOUT_HOSTS), percentSchema], {
  error: 'must be a number of hosts from 0, or a percentage such as "5%"',
});

const orderSchema = z.string().superRefine((order, context) => {
  if (order === 'hash' || order === 'host') return;
  const key = order.startsWith('label:') ? order.slice('label:'.length) : null;
  const message = key === null ? null : findLabelKeyIssue(key);
  if (key === null || message !== null)
    context.addIssue({ code: 'custom', message: 'must be hash, host, or label:<key>, such as label:rack' });
});

const params = jsonObjectSchema(PARAMS_BOUNDS);

const waitSecondsSchema = z.int().min(0).max(MAX_ROLLOUT_WAIT_SECONDS);

/** What has to happen after a batch, before the next one begins. */
const betweenSchema = z.strictObject({
  waitSeconds: waitSecondsSchema.default(0),
  /** Waits until no alert fires on the hosts that are done. */
  healthy: z.boolean().default(true),
  /** Action that checks each host that is done. A host that fails it counts as failed. */
  check: z.strictObject({ action: actionNameSchema, params: params.default({}) }).optional(),
});

/** Body of `POST /rollouts` and `POST /rollouts/plan`. */
export const rolloutRequestSchema = z.strictObject({
  action: actionNameSchema,
  params: params.default({}),
  /** Targets, by labels of operators and host alone. An empty one selects nothing. */
  selector: accessSelectorTextSchema,
  /** `hash`: spread evenly over the fleet; `host`; or `label:<key>`, value by value. */
  order: orderSchema.default('hash'),
  /** Sizes of the batches. The last one repeats. */
  batches: z.array(batchSizeSchema).min(1).max(MAX_ROLLOUT_BATCHES).default([1, '10%', '50%']),
  /** Hosts that may fail, of all batches together. One more stops the rollout. */
  maxFailures: failureLimitSchema.default(0),
  between: betweenSchema.default({ waitSeconds: 0, healthy: true }),
  /** What becomes of a host without a runner when its turn comes. */
  offline: z.enum(['skip', 'fail', 'wait']).default('skip'),
  /** How long `offline: wait` waits before the host fails. */
  offlineWaitSeconds: waitSecondsSchema.default(3600),
  /**
   * Asks for a person's approval, who is not the creator: before the first batch, or each later
   * one.
   */
  approval: z.enum(['before', 'between']).optional(),
});
export type RolloutRequest = z.infer<typeof rolloutRequestSchema>;

/** A rollout as a client asks for it: what has a default may be absent. */
export type NewRollout = z.input<typeof rolloutRequestSchema>;

/** Returns the sizes of all batches of a number of hosts. The last size that is given repeats. */
export function batchSizes(batches: RolloutRequest['batches'], hosts: number): readonly number[] {
  const sizes: number[] = [];
  for (let left = hosts, index = 0; left > 0; index += 1) {
    const size = countOf(batches[Math.min(index, batches.length - 1)]!, hosts, Math.ceil);
    sizes.push(Math.min(left, Math.max(1, size)));
    left -= sizes.at(-1)!;
  }
  return sizes;
}

/** Returns the number of hosts that may fail. */
export const failuresAllowed = (limit: RolloutRequest['maxFailures'], hosts: number): number =>
  countOf(limit, hosts, Math.floor);

const countOf = (value: number | string, hosts: number, round: (value: number) => number): number =>
  typeof value === 'number' ? value : round((Number.parseInt(value, 10) * hosts) / 100);
