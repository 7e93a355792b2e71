import type { AccessBus } from '@booner/bus';
import { type Cursor, parseCursor } from '@booner/protocol';
import type { Logger } from '@booner/service';
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { busRoutes } from '../http/bus-problem.ts';
import { faultsOf, faultyRequest } from '../http/json-body.ts';
import { faults, jsonAnswer } from '../tasks/task-schemas.ts';
import { auditBody } from './access-schemas.ts';

const MAX_LIMIT = 1000;
const DEFAULT_LIMIT = 100;

export type AuditRoutesDeps = { readonly bus: Pick<AccessBus, 'readAudit'>; readonly log: Logger };

const isCursor = (text: string): boolean => parseCursor(text) !== null;
const querySchema = z.object({
  limit: z.coerce.number().pipe(z.int().min(1).max(MAX_LIMIT)).default(DEFAULT_LIMIT),
  before: z.string().refine(isCursor, { error: 'must be the "next" of an earlier answer' }).optional(),
});

const auditRoute = createRoute({
  method: 'get',
  path: '/audit',
  summary: 'Who did what, from where, and whether it was allowed',
  description:
    'Newest first. The last 100,000 entries are kept; without Redis the last 10,000, until the hub stops.',
  tags: ['access'],
  request: {
    query: z.object({
      limit: z.int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT).optional(),
      before: z.string().optional().openapi({ description: 'The `next` of the page before' }),
    }),
  },
  responses: {
    200: jsonAnswer('A page', auditBody),
    ...faults({ 400: 'A bad query', 401: 'Not signed in', 403: 'Not an admin' }),
  },
});

/** The audit log, for admins. */
export function auditRoutes({ bus, log }: AuditRoutesDeps): OpenAPIHono {
  const routes = busRoutes(log);
  routes.openAPIRegistry.registerPath(auditRoute);
  routes.get('/audit', async (c) => {
    const query = querySchema.safeParse(c.req.query());
    if (!query.success) return faultyRequest(c, 400, 'Bad query', faultsOf(query.error));
    const { limit, before } = query.data;
    return c.json(await bus.readAudit({ limit, ...(before && { before: before as Cursor }) }), 200);
  });
  return routes;
}
