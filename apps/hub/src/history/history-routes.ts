import {
  comparedHistorySchema,
  fleetHistorySchema,
  type HistoryRanking,
  type HostId,
  historyFigureNameSchema,
  historyRankingSchema,
  hostIdSchema,
  MAX_HISTORY_HOSTS,
  type TargetHistory,
  targetHistorySchema,
} from '@booner/protocol';
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Fleet } from '../fleet/fleet.ts';
import {
  HOST_ERRORS,
  hostSchema as host,
  hostFromPath,
  hostParams,
  noSuchTarget,
} from '../fleet/host-path.ts';
import { MAIN_SERVER } from '../fleet/main-server.ts';
import type { ReadableOf } from '../fleet/read-scopes.ts';
import { selectorParameter } from '../fleet/selector-parameter.ts';
import { invalidRequest } from '../http/json-body.ts';
import { jsonAnswer, orNull } from '../http/openapi.ts';
import { type Routes, route, serve } from '../http/route.ts';
import { SHOWN_HOSTS } from '../http/shown-values.ts';
import { HISTORY_ERRORS, historyIsOff, json, unlessReadsAll, unlessUnreadable } from './history-answers.ts';
import {
  askedRange,
  askedSeries,
  metricsParameter,
  pointsParameter,
  rangeParameters,
  rankedParameter,
  recentRangeMs,
  type SeriesValues,
} from './history-query.ts';
import type { HistoryReader } from './history-reader.ts';
import { seriesBody } from './history-schemas.ts';
import type { RecentHistory } from './recent-history.ts';

export type HistoryRoutesDeps = {
  readonly fleet: Pick<Fleet, 'requireLoaded'>;
  readonly readableOf: ReadableOf;
  readonly recent: Pick<RecentHistory, 'read' | 'readFigures'>;
  /** `null`: only the last minutes are kept. */
  readonly store: HistoryReader | null;
  readonly nowMs: () => number;
};

const HOUR_MS = 3_600_000;
/** Points of all metrics of all hosts in a comparison. Beyond it, there are fewer points. */
const MAX_COMPARED_VALUES = 200_000;
const MAX_TOP = 1000;
const FIGURE_NAMES = historyFigureNameSchema.options.join('|');

const list = z.string().transform((text) => [...new Set(text.split(','))]);
const query = z.object({ ...rangeParameters, metrics: metricsParameter, points: pointsParameter });
const fleetQuery = query.extend({
  hosts: list
    .pipe(z.array(hostIdSchema).max(MAX_HISTORY_HOSTS))
    .optional()
    .openapi({
      ...SHOWN_HOSTS,
      description: `Host ids to compare, separated by commas, at most ${MAX_HISTORY_HOSTS}`,
    }),
  figures: list
    .pipe(z.array(historyFigureNameSchema))
    .optional()
    .openapi({
      type: 'string',
      description: `Metrics of the last minutes, separated by commas: ${historyFigureNameSchema.options.join(', ')}`,
      pattern: `^(?:${FIGURE_NAMES})(?:,(?:${FIGURE_NAMES}))*$`,
      example: 'cpuUsageRatio,memoryUsedBytes',
    }),
  metric: rankedParameter,
  selector: selectorParameter('Ranks only targets that match.'),
  top: z.coerce
    .number()
    .int()
    .min(1)
    .max(MAX_TOP)
    .default(20)
    .openapi({ type: 'integer', description: 'Number of targets in a ranking' }),
  by: z.enum(['avg', 'max']).default('avg').openapi({ description: 'Value to rank by' }),
});
const recentBody = targetHistorySchema
  .extend({ host: orNull(host).openapi({ description: 'null: the main server' }) })
  .openapi('History');
const historyBody = z.union([seriesBody, recentBody]);
const fleetBody = fleetHistorySchema
  .extend({ targets: z.array(fleetHistorySchema.shape.targets.element.extend({ host })) })
  .openapi('FleetHistory');
const rankingBody = historyRankingSchema
  .extend({ targets: z.array(historyRankingSchema.shape.targets.element.extend({ host })) })
  .openapi('HistoryRanking');
const comparedBody = comparedHistorySchema
  .extend({ targets: z.array(seriesBody) })
  .openapi('ComparedHistory');

const description =
  `A range of at most 15 minutes without other parameters is a \`History\`: every sample, in columns. Any other
query is a \`SeriesHistory\`: average, minimum and maximum of each point, in the resolution that fits. A row in
which every value is \`null\` marks a time without samples.`.replaceAll('\n', ' ');
const mainServerRoute = route({
  method: 'get',
  path: '/system/history',
  access: { role: 'viewer' },
  summary: 'Show the history of the main server',
  description: `${description} Needs a credential without a read scope.`,
  tag: 'status',
  request: { query },
  responses: { 200: jsonAnswer('The history', historyBody) },
  errors: HISTORY_ERRORS,
});

const targetRoute = route({
  method: 'get',
  path: '/targets/{host}/history',
  access: { role: 'viewer' },
  summary: 'Show the history of a target',
  description,
  tag: 'status',
  request: { query, params: hostParams },
  responses: { 200: jsonAnswer('The history', historyBody) },
  errors: { 404: HOST_ERRORS[404], ...HISTORY_ERRORS },
});

const fleetRoute = route({
  method: 'get',
  path: '/history',
  access: { role: 'viewer' },
  summary: 'Rank or compare targets over time',
  description:
    'With `metric`, or nothing: the targets with the highest values over a range of whole hours. With `hosts`: their histories, with fewer points for many hosts. With `hosts` and `figures`: their last minutes. Hosts that are not targets are left out.',
  tag: 'status',
  request: { query: fleetQuery },
  responses: {
    200: jsonAnswer('The ranking, or the histories', z.union([rankingBody, comparedBody, fleetBody])),
  },
  errors: HISTORY_ERRORS,
});

/** The history of hosts: the last minutes from memory, everything else from the store. */
export function historyRoutes({ fleet, readableOf, recent, store, nowMs }: HistoryRoutesDeps): Routes {
  /** Answers with the history of a host, or with the reason why there is none. */
  async function series(c: Context, subject: string, asked: SeriesValues): Promise<Uint8Array | Response> {
    const range = askedRange(asked, nowMs());
    if (!range.ok) return invalidRequest(c, 400, 'Invalid query', [range.issue]);
    if (store === null) return historyIsOff(c);
    const { fromMs, toMs } = range;
    const shownAs = subject === MAIN_SERVER ? null : (subject as HostId);
    return unlessUnreadable(c, store.query({ host: subject, shownAs, fromMs, toMs, ...askedSeries(asked) }));
  }

  async function history(
    c: Context,
    subject: HostId | typeof MAIN_SERVER,
    asked: SeriesValues,
  ): Promise<Response> {
    const recentMs = recentRangeMs(asked);
    if (recentMs !== null) {
      const body: TargetHistory = {
        host: subject === MAIN_SERVER ? null : subject,
        ...recent.read(subject, recentMs),
      };
      return c.json(body, 200);
    }
    const answer = await series(c, subject, asked);
    return answer instanceof Response ? answer : json(answer);
  }

  async function compared(c: Context, hosts: readonly HostId[], given: SeriesValues): Promise<Response> {
    const { metrics, points } = askedSeries(given);
    const most = Math.floor(MAX_COMPARED_VALUES / (Math.max(1, hosts.length) * metrics.length));
    const asked = { ...given, points: Math.max(1, Math.min(points, most)) };
    const parts: Uint8Array[] = [];
    for (const id of hosts) {
      const answer = await series(c, id, asked);
      if (answer instanceof Response) return answer;
      parts.push(answer);
    }
    const separated = parts.flatMap((part, index) => (index === 0 ? [part] : [COMMA, part]));
    return json(Buffer.concat([Buffer.from('{"targets":['), ...separated, Buffer.from(']}')]));
  }

  async function ranked(c: Context, asked: z.output<typeof fleetQuery>): Promise<Response> {
    const { metric = 'cpuUsageRatio', selector, top, by } = asked;
    const range = askedRange(asked, nowMs());
    if (!range.ok) return invalidRequest(c, 400, 'Invalid query', [range.issue]);
    if (store === null) return historyIsOff(c);
    const fromMs = Math.floor(range.fromMs / HOUR_MS) * HOUR_MS;
    const toMs = Math.ceil(range.toMs / HOUR_MS) * HOUR_MS;
    const found = await unlessUnreadable(c, store.rank({ metric, fromMs, toMs }));
    if (found instanceof Response) return found;
    const known = fleet.requireLoaded();
    const readable = readableOf(c);
    const targets = found
      .map((one) => ({ ...one, host: one.host as HostId }))
      .filter(({ host: id }) => {
        const entry = known.get(id);
        return entry !== null && readable.has(id) && (selector?.matches(entry.subject) ?? true);
      })
      .sort((a, b) => b[by] - a[by])
      .slice(0, top);
    const body: HistoryRanking = { metric, fromMs, toMs, by, targets };
    return c.json(body, 200);
  }

  return [
    serve(mainServerRoute, (c, { query: asked }) => {
      return unlessReadsAll(c, readableOf, 'The main server is not one.') ?? history(c, MAIN_SERVER, asked);
    }),

    serve(targetRoute, (c, { query: asked }) => {
      const id = hostFromPath(c);
      if (id instanceof Response) return id;
      if (fleet.requireLoaded().get(id) === null || !readableOf(c).has(id)) return noSuchTarget(c, id);
      return history(c, id, asked);
    }),

    serve(fleetRoute, (c, { query: asked }) => {
      const { hosts = [], figures, metric } = asked;
      if (metric !== undefined || (asked.hosts ?? figures) === undefined) return ranked(c, asked);
      const known = fleet.requireLoaded();
      const readable = readableOf(c);
      const targets = hosts.filter((id) => known.get(id) !== null && readable.has(id));
      if (figures === undefined) return compared(c, targets, asked);
      const recentMs = recentRangeMs({ range: asked.range });
      if (recentMs === null) {
        const detail = 'must be 1m, 2m, 5m, 10m or 15m with figures; use metrics for longer ranges';
        return invalidRequest(c, 400, 'Invalid query', [{ pointer: '/range', detail }]);
      }
      return c.json(recent.readFigures(targets, figures, recentMs), 200);
    }),
  ];
}

const COMMA = Buffer.from(',');
