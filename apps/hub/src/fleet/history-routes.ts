import {
  fleetHistorySchema,
  HISTORY_RANGES_MS,
  historyFigureNameSchema,
  historyRangeSchema,
  hostIdSchema,
  MAX_HISTORY_HOSTS,
  type TargetHistory,
  targetHistorySchema,
} from '@booner/protocol';
import { z } from '@hono/zod-openapi';
import { jsonAnswer } from '../http/openapi.ts';
import { problem } from '../http/problem.ts';
import { type Routes, route, serve } from '../http/route.ts';
import type { Fleet } from './fleet.ts';
import { MAIN_SERVER, type StatusHistory } from './history.ts';
import { HOST_ERRORS, hostSchema as host, hostFromPath, hostParams, noSuchTarget } from './host-path.ts';
import type { ReadableOf } from './read-scopes.ts';

export type HistoryRoutesDeps = {
  readonly fleet: Pick<Fleet, 'requireLoaded'>;
  readonly readableOf: ReadableOf;
  readonly history: Pick<StatusHistory, 'read' | 'readFigures'>;
};

const FIGURE_NAMES = historyFigureNameSchema.options.join('|');

const list = z.string().transform((text) => [...new Set(text.split(','))]);
const query = z.object({
  range: z.enum(historyRangeSchema.options).default('15m').openapi({ description: 'How far back' }),
});
const fleetQuery = query.extend({
  hosts: list.pipe(z.array(hostIdSchema).max(MAX_HISTORY_HOSTS)).openapi({
    type: 'string',
    description: `Host ids, separated by commas, at most ${MAX_HISTORY_HOSTS}`,
    pattern: '^[^,]+(?:,[^,]+)*$',
    example: '10.0.0.2,10.0.0.3',
  }),
  figures: list.pipe(z.array(historyFigureNameSchema)).openapi({
    type: 'string',
    description: `Metrics, separated by commas: ${historyFigureNameSchema.options.join(', ')}`,
    pattern: `^(?:${FIGURE_NAMES})(?:,(?:${FIGURE_NAMES}))*$`,
    example: 'cpuUsageRatio,memoryUsedBytes',
  }),
});
const historyBody = targetHistorySchema
  .extend({ host: host.nullable().openapi({ description: 'null: the main server' }) })
  .openapi('History');
const fleetBody = fleetHistorySchema
  .extend({ targets: z.array(fleetHistorySchema.shape.targets.element.extend({ host })) })
  .openapi('FleetHistory');
const description =
  'Columns of equal length, oldest first. A row in which every metric is `null` marks a time without samples.';

const mainServerRoute = route({
  method: 'get',
  path: '/system/history',
  access: { role: 'viewer' },
  summary: 'Show the last 15 minutes of the main server',
  description: `${description} Needs a credential without a read scope.`,
  tag: 'status',
  request: { query },
  responses: { 200: jsonAnswer('The history', historyBody) },
});

const targetRoute = route({
  method: 'get',
  path: '/targets/{host}/history',
  access: { role: 'viewer' },
  summary: 'Show the last 15 minutes of a target',
  description,
  tag: 'status',
  request: { query, params: hostParams },
  responses: { 200: jsonAnswer('The history', historyBody) },
  errors: { 404: HOST_ERRORS[404] },
});

const fleetRoute = route({
  method: 'get',
  path: '/history',
  access: { role: 'viewer' },
  summary: 'Show some metrics of several targets',
  description:
    'Like the history of one target; each target has times of its own. Hosts that are not targets are left out.',
  tag: 'status',
  request: { query: fleetQuery },
  responses: { 200: jsonAnswer('The histories', fleetBody) },
});

/** The last 15 minutes, for charts. */
export const historyRoutes = ({ fleet, readableOf, history }: HistoryRoutesDeps): Routes => [
  serve(mainServerRoute, (c, { query: { range } }) => {
    if (readableOf(c).key !== null) {
      return problem(
        c,
        403,
        'Out of scope',
        'Your token reads some targets only. The main server is not one.',
      );
    }
    const body: TargetHistory = { host: null, ...history.read(MAIN_SERVER, HISTORY_RANGES_MS[range]) };
    return c.json(body, 200);
  }),

  serve(targetRoute, (c, { query: { range } }) => {
    const id = hostFromPath(c);
    if (id instanceof Response) return id;
    if (fleet.requireLoaded().get(id) === null || !readableOf(c).has(id)) return noSuchTarget(c, id);
    const body: TargetHistory = { host: id, ...history.read(id, HISTORY_RANGES_MS[range]) };
    return c.json(body, 200);
  }),

  serve(fleetRoute, (c, { query: { hosts, figures, range } }) => {
    const known = fleet.requireLoaded();
    const readable = readableOf(c);
    const targets = hosts.filter((id) => known.get(id) !== null && readable.has(id));
    return c.json(history.readFigures(targets, figures, HISTORY_RANGES_MS[range]), 200);
  }),
];
