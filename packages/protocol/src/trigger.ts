import type { z } from 'zod';
import { hostIdSchema } from './host-id-schema.ts';
import { rolloutRequestSchema } from './rollout-request.ts';

const { action, params, order, maxFailures, between, offline, offlineWaitSeconds } =
  rolloutRequestSchema.shape;
const { selector, batches } = rolloutRequestSchema.shape;

/** What a schedule or a hook starts: a rollout on the targets of `selector`, or on `host` alone. */
export const triggerFields = {
  ...{ action, params, selector: selector.optional(), host: hostIdSchema.optional() },
  ...{ order, batches: batches.unwrap().default(['100%']), maxFailures },
  ...{ between, offline, offlineWaitSeconds },
};

/** Demands exactly one of `selector` and `host`. */
export function checkTargets(
  trigger: { readonly selector?: unknown; readonly host?: unknown },
  context: z.RefinementCtx,
): void {
  if ((trigger.selector === undefined) !== (trigger.host === undefined)) return;
  const message = 'must be given, or host in its place, such as {"selector": "role=db"}';
  context.addIssue({ code: 'custom', path: ['selector'], message });
}
