import { annotationSchema, seriesHistorySchema } from '@booner/protocol';
import { z } from '@hono/zod-openapi';
import { hostSchema } from '../fleet/host-path.ts';
import { orNull } from '../http/openapi.ts';
import { SHOWN_TASK_ID } from '../http/shown-values.ts';

/** A range of a host in the OpenAPI document. */
export const seriesBody = seriesHistorySchema
  .extend({
    host: orNull(hostSchema).openapi({ description: 'null: the main server' }),
    annotations: z.array(annotationSchema.extend({ taskId: orNull(z.string().openapi(SHOWN_TASK_ID)) })),
  })
  .openapi('SeriesHistory');
