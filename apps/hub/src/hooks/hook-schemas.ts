import {
  deliveryAnswerSchema,
  HOOK_PREFIX,
  hookListSchema,
  hookNameSchema,
  hookSchema,
  SIGNING_PREFIX,
  savedHookSchema,
  shownHookSchema,
} from '@booner/protocol';
import { z } from '@hono/zod-openapi';
import { orNull } from '../http/openapi.ts';
import { SHOWN_TASK_ID } from '../http/shown-values.ts';
import { shownTriggerFields, TRIGGER_NAME_PATTERN } from '../triggers/trigger-schemas.ts';

/** Body of `PUT /hooks/:name`. */
export const hookBody = hookSchema.safeExtend(shownTriggerFields).openapi('NewHook', {
  example: {
    ...{ action: 'web.deploy', selector: 'role=web', batches: [1, '25%'] },
    ...{ fields: { version: '/after' }, when: { '/ref': 'refs/heads/main' } },
  },
});

const rolloutId = orNull(z.string().openapi(SHOWN_TASK_ID));
const delivery = shownHookSchema.shape.deliveries.element.extend({ rolloutId }).openapi('HookDelivery');
const shown = { hook: hookBody, deliveries: z.array(delivery) };
export const shownHookBody = shownHookSchema.extend(shown).openapi('Hook');
export const hookListBody = hookListSchema.extend({ hooks: z.array(shownHookBody) }).openapi('Hooks');
export const savedHookBody = savedHookSchema
  .extend({
    ...shown,
    url: orNull(z.string().openapi({ example: `https://hub.example.org/hooks/${HOOK_PREFIX}…` })),
    secret: orNull(z.string().openapi({ example: `${SIGNING_PREFIX}…` })),
  })
  .openapi('SavedHook');
export const deliveredBody = deliveryAnswerSchema.extend({ rollout_id: rolloutId }).openapi('Delivered');

export const keepKeyQuery = z.object({
  keepKey: z
    .enum(['true', 'false'])
    .default('false')
    .openapi({ description: 'Keeps URL and secret of a hook that another credential has set' }),
});

/** Parameters of paths with `{name}` of a hook. */
export const hookNameParams = z.object({
  name: z.string().openapi({ example: 'deploy-web', pattern: TRIGGER_NAME_PATTERN }),
});

/** Parses the name of a path; `null`: no hook can have it. */
export const parseHookName = (text: string | undefined): string | null =>
  hookNameSchema.safeParse(text).data ?? null;
