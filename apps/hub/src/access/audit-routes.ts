import type { AccessBus } from '@booner/bus';
import { type Cursor, parseCursor } from '@booner/protocol';
import { z } from '@hono/zod-openapi';
import { jsonAnswer, wholeNumber } from '../http/openapi.ts';
import { type Routes, route, serve } from '../http/route.ts';
import { auditBody } from './access-schemas.ts';

const MAX_LIMIT = 1000;
const DEFAULT_LIMIT = 100;

export type AuditRoutesDeps = { readonly bus: Pick<AccessBus, 'readAudit'> };

const cursor = z
  .string()
  .refine((text): text is Cursor => parseCursor(text) !== null, {
    error: 'must be the "next" of an earlier answer',
  })
  .openapi({ description: '`next` of the previous page' });

const auditRoute = route({
  method: 'get',
  path: '/audit',
  access: { role: 'admin' },
  summary: 'List audit events, newest first',
  description:
    'Who did what, from which address, and whether it was allowed. The last 100,000 events are kept; ' +
    'without Redis, the last 10,000 until the hub stops.',
  tag: 'access',
  request: {
    query: z.object({
      limit: wholeNumber({ minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT }),
      before: cursor.optional(),
    }),
  },
  responses: { 200: jsonAnswer('A page of events', auditBody) },
});

/** The audit log, for admins. */
export const auditRoutes = ({ bus }: AuditRoutesDeps): Routes => [
  serve(auditRoute, async (c, { query: { limit, before } }) =>
    c.json(await bus.readAudit({ limit, ...(before && { before }) }), 200),
  ),
];
