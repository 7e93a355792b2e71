import { alertPageSchema, alertSchema } from '@booner/protocol';
import { z } from '@hono/zod-openapi';
import { hostSchema } from '../fleet/host-path.ts';
import { orNull } from '../http/openapi.ts';
import { SHOWN_CURSOR } from '../http/shown-values.ts';

/** An alert in the OpenAPI document. */
export const alertBody = alertSchema.extend({ host: orNull(hostSchema) }).openapi('Alert');

export const alertPageBody = alertPageSchema
  .extend({
    alerts: z.array(alertBody),
    next: orNull(alertPageSchema.shape.position.meta(SHOWN_CURSOR)).openapi({
      description: 'Of resolved ones: `before` of the next page; null: there are no more',
    }),
    position: alertPageSchema.shape.position
      .meta(SHOWN_CURSOR)
      .openapi({ description: 'Position in the stream of alerts that this answer shows' }),
  })
  .openapi('AlertPage');
