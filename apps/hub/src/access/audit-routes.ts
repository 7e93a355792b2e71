import type { AccessBus } from '@booner/bus';
import { type AuditEntry, type AuditPage, type AuditQuery, type Cursor, parseCursor } from '@booner/protocol';
import { z } from '@hono/zod-openapi';
import { jsonAnswer, wholeNumber } from '../http/openapi.ts';
import { type Routes, route, serve } from '../http/route.ts';
import { SHOWN_CURSOR } from '../http/shown-values.ts';
import { auditBody } from './access-schemas.ts';
import { auditFilterOf } from './audit-scope.ts';
import { principalOf } from './principal.ts';

const MAX_LIMIT = 1000;
const DEFAULT_LIMIT = 100;
/** Events that one request with scopes looks at. The page that follows continues there. */
const MAX_SCANNED = 5000;

export type AuditRoutesDeps = { readonly bus: Pick<AccessBus, 'readAudit'> };

const cursor = z
  .string()
  .refine((text): text is Cursor => parseCursor(text) !== null, {
    error: 'must be the "next" or an "id" of an earlier answer',
  })
  .openapi(SHOWN_CURSOR);

const auditRoute = route({
  method: 'get',
  path: '/audit',
  access: { role: 'admin' },
  summary: 'List audit events, newest first',
  description:
    'Who did what, from which address, and whether it was allowed. The last 100,000 events are kept; ' +
    'without Redis, the last 10,000 until the hub stops. A token with scopes reads only events about its ' +
    'hosts and their tasks, and those of its own requests; its pages may be shorter than `limit`.',
  tag: 'access',
  request: {
    query: z.object({
      limit: wholeNumber({ minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT }),
      before: cursor.optional().openapi({ description: '`next` of the previous page: only older events' }),
      after: cursor.optional().openapi({ description: '`id` of an event: only newer events' }),
    }),
  },
  responses: { 200: jsonAnswer('A page of events', auditBody) },
});

/** The audit log, for admins. */
export const auditRoutes = ({ bus }: AuditRoutesDeps): Routes => [
  serve(auditRoute, async (c, { query: { limit, before, after } }) => {
    const maySee = auditFilterOf(principalOf(c));
    const query = { limit, ...(before && { before }), ...(after && { after }) };
    return c.json(await (maySee === null ? readAll(bus, query) : readSome(bus, maySee, query)), 200);
  }),
];

type Page = AuditPage & { readonly newest: Cursor | null };

async function readAll(bus: AuditRoutesDeps['bus'], query: AuditQuery): Promise<Page> {
  const page = await bus.readAudit(query);
  return { ...page, newest: page.entries[0]?.id ?? query.after ?? null };
}

/** Reads the events that a filter lets through, page by page. */
async function readSome(
  bus: AuditRoutesDeps['bus'],
  maySee: (entry: AuditEntry) => boolean,
  { limit, ...range }: AuditQuery,
): Promise<Page> {
  const entries: AuditEntry[] = [];
  let newest: Cursor | null = range.after ?? null;
  let position: Pick<AuditQuery, 'before' | 'after'> = range;
  for (let scanned = 0; scanned < MAX_SCANNED; scanned += MAX_LIMIT) {
    const page = await bus.readAudit({ limit: MAX_LIMIT, ...position });
    if (scanned === 0) newest = page.entries[0]?.id ?? newest;
    for (const entry of page.entries) {
      if (!maySee(entry)) continue;
      entries.push(entry);
      if (entries.length < limit) continue;
      const isLast = page.next === null && entry === page.entries.at(-1);
      return { entries, next: isLast ? null : entry.id, newest };
    }
    if (page.next === null) return { entries, next: null, newest };
    position = { ...range, before: page.next };
  }
  return { entries, next: position.before ?? null, newest };
}
