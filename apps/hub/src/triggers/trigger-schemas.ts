import { actionNameSchema, jsonObjectSchema, PARAMS_BOUNDS, rolloutRequestSchema } from '@booner/protocol';
import { z } from '@hono/zod-openapi';
import { hostSchema } from '../fleet/host-path.ts';
import { SELECTOR_FORMAT, SHOWN_OBJECT } from '../http/shown-values.ts';

const params = jsonObjectSchema(PARAMS_BOUNDS).openapi(SHOWN_OBJECT).default({});

/** What a schedule or a hook starts, as the OpenAPI document shows it. */
export const shownTriggerFields = {
  params,
  selector: rolloutRequestSchema.shape.selector
    .meta({
      ...{ type: 'string', format: SELECTOR_FORMAT, example: 'role=db' },
      description: 'Targets, by labels of operators and host alone. An empty one selects nothing.',
    })
    .optional(),
  host: hostSchema.optional(),
  between: rolloutRequestSchema.shape.between
    .unwrap()
    .extend({ check: z.strictObject({ action: actionNameSchema, params }).optional() })
    .default({ waitSeconds: 0, healthy: true }),
};

/** Pattern of the names of schedules and hooks. */
export const TRIGGER_NAME_PATTERN = '^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$';
