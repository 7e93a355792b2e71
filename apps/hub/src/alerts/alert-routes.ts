import type { AlertBus } from '@booner/bus';
import {
  type AlertPage,
  alertNameSchema,
  cursorSchema,
  type HostId,
  viewSelectorSchema,
} from '@booner/protocol';
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { creatorName, findHostIssue, principalOf } from '../access/principal.ts';
import { noteForAudit } from '../access/require-credential.ts';
import { outOfScope } from '../access/scope-answer.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { hostSchema } from '../fleet/host-path.ts';
import type { ReadableOf } from '../fleet/read-scopes.ts';
import { invalidRequest } from '../http/json-body.ts';
import { jsonAnswer, optionalWholeNumber } from '../http/openapi.ts';
import { problem } from '../http/problem.ts';
import { type Routes, route, serve } from '../http/route.ts';
import { SELECTOR_FORMAT, SHOWN_CURSOR } from '../http/shown-values.ts';
import { type AcknowledgeDeps, acknowledgeEpisode } from './acknowledge-episode.ts';
import { alertBody, alertPageBody } from './alert-schemas.ts';
import type { AlertBoard } from './board/alert-board.ts';
import { readsAlert } from './reads-alert.ts';
import type { AlertView } from './view/alert-view.ts';

export type AlertRoutesDeps = AcknowledgeDeps & {
  readonly bus: Pick<AlertBus, 'readEpisodes'>;
  readonly board: Pick<AlertBoard, 'requireLoaded'>;
  readonly view: Pick<AlertView, 'open' | 'ended'>;
  readonly fleet: Pick<Fleet, 'get'>;
  readonly readableOf: ReadableOf;
};

const MAX_PAGE = 500;
const DEFAULT_PAGE = 100;

const listQuery = z.object({
  status: z.enum(['firing', 'resolved']).default('firing').openapi({
    description: 'firing: all that have not ended, the newest first; resolved: those that have, in pages',
  }),
  selector: viewSelectorSchema.optional().openapi({
    type: 'string',
    format: SELECTOR_FORMAT,
    description: 'Alerts of targets that match; default: of all, also of those that were removed',
    example: 'role=db',
  }),
  rule: alertNameSchema.optional(),
  host: hostSchema.optional(),
  limit: optionalWholeNumber({ minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE }).describe(
    'Default: all that fire; 100 of the resolved ones',
  ),
  before: cursorSchema
    .optional()
    .openapi({ ...SHOWN_CURSOR, description: 'Of resolved ones: `next` of the previous page' }),
});

const listRoute = route({
  method: 'get',
  path: '/alerts',
  access: { role: 'viewer' },
  summary: 'List alerts',
  tag: 'alerts',
  request: { query: listQuery },
  responses: { 200: jsonAnswer('The alerts', alertPageBody) },
});

const acknowledgeRoute = route({
  method: 'post',
  path: '/alerts/{id}/ack',
  access: { role: 'operator', verb: 'alert.acknowledge' },
  summary: 'Acknowledge an alert',
  description:
    'Ends its reminders and its escalation. The first acknowledgement counts; repeating it is safe.',
  tag: 'alerts',
  request: { params: z.object({ id: z.string().openapi({ example: 'V1StGXR8_Z5jdHi6B-myT' }) }) },
  responses: { 200: jsonAnswer('The alert', alertBody) },
  errors: { 404: 'No open alert has this id' },
});

/** Alerts that fire and those that have ended, and acknowledgements. */
export function alertRoutes(deps: AlertRoutesDeps): Routes {
  const { bus, board, view, fleet, readableOf } = deps;

  /** Decides which alerts a request asks for, among those that its credential may read. */
  const filterOf = (c: Context, { selector, rule, host }: z.output<typeof listQuery>) => {
    const readable = readableOf(c);
    return (alert: { readonly rule: string; readonly host: HostId | null }): boolean => {
      if (rule !== undefined && alert.rule !== rule) return false;
      if ((host !== undefined && alert.host !== host) || !readsAlert(readable, alert.host)) return false;
      if (selector === undefined) return true;
      if (alert.host === null) return selector.text === '*';
      const entry = fleet.get(alert.host);
      return entry !== null && selector.matches(entry.subject);
    };
  };

  return [
    serve(listRoute, async (c, { query }) => {
      const { status, limit, before } = query;
      const accepts = filterOf(c, query);
      const { cursor: position } = board.requireLoaded();
      if (status === 'resolved') {
        const page = await bus.readEpisodes({
          limit: limit ?? DEFAULT_PAGE,
          ...(before !== undefined && { before }),
          accepts,
        });
        const alerts = page.episodes.map((episode) => view.ended(episode));
        const answer: AlertPage = { alerts, next: page.next, position };
        return c.json(answer, 200);
      }
      if (before !== undefined) {
        const detail = 'must be absent, or with status=resolved: those that fire are all in one answer';
        return invalidRequest(c, 400, 'Invalid query', [{ pointer: '/before', detail }]);
      }
      const alerts = board
        .requireLoaded()
        .open()
        .filter(accepts)
        .sort((a, b) => b.memory.episode.startedAtMs - a.memory.episode.startedAtMs)
        .slice(0, limit)
        .map((alert) => view.open(alert));
      const answer: AlertPage = { alerts, next: null, position };
      return c.json(answer, 200);
    }),

    serve(acknowledgeRoute, async (c) => {
      const id = c.req.param('id') ?? '';
      const known = board.requireLoaded().findEpisode(id)?.alert ?? null;
      if (known === null || !readsAlert(readableOf(c), known.host)) {
        noteForAudit(c, { detail: `no open alert ${id.slice(0, 64)}` });
        return noSuchAlert(c);
      }
      const { host, rule, device } = known;
      const what = device === null ? rule : `${rule} ${device}`;
      noteForAudit(c, { target: host ?? device ?? '', detail: `${what} (${id})` });
      const principal = principalOf(c);
      const issue = findHostIssue(principal, host);
      if (issue !== null) return outOfScope(c, issue);
      const outcome = await acknowledgeEpisode(deps, { episode: id, by: creatorName(principal) });
      switch (outcome.type) {
        case 'acknowledged':
          return c.json(view.open(outcome.alert), 200);
        case 'not_open':
          return noSuchAlert(c);
        case 'busy':
          return alertIsBusy(c);
        default:
          return outcome satisfies never;
      }
    }),
  ];
}

const noSuchAlert = (c: Context): Response =>
  problem(
    c,
    404,
    'No such alert',
    'No open alert has this id: it has ended, or it never existed. GET /alerts lists those that are open.',
  );

/** The answer when an alert changed too often to acknowledge it: 503. */
export function alertIsBusy(c: Context): Response {
  c.header('retry-after', '1');
  return problem(
    c,
    503,
    'Alert is changing',
    'The alert changes all the time. Nothing was changed: try again.',
  );
}
