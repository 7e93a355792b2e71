import {
  fleetHistorySchema,
  HISTORY_RANGES_MS,
  historyFigureNameSchema,
  historyRangeSchema,
  hostIdSchema,
  MAX_HISTORY_HOSTS,
  problemSchema,
  type TargetHistory,
  targetHistorySchema,
} from '@booner/protocol';
import type { Logger } from '@booner/service';
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { busRoutes } from '../http/bus-problem.ts';
import { faultsOf, faultyRequest } from '../http/json-body.ts';
import { problem } from '../http/problem.ts';
import type { Fleet } from './fleet.ts';
import { MAIN_SERVER, type StatusHistory } from './history.ts';

export type HistoryRoutesDeps = {
  readonly fleet: Pick<Fleet, 'requireLoaded'>;
  readonly history: Pick<StatusHistory, 'read' | 'readFigures'>;
  readonly log: Logger;
};

const querySchema = z.object({ range: historyRangeSchema.default('15m') });
const list = z.string().transform((text) => [...new Set(text.split(','))]);
const fleetQuerySchema = querySchema.extend({
  hosts: list.pipe(z.array(hostIdSchema).max(MAX_HISTORY_HOSTS)),
  figures: list.pipe(z.array(historyFigureNameSchema)),
});

// What the reference shows: schemas made here, after @hono/zod-openapi taught zod to name them.
const host = z.string().openapi({ description: 'IP address or host name', example: '10.0.0.2' });
const query = z.object({
  range: z
    .enum(historyRangeSchema.options)
    .default('15m')
    .optional()
    .openapi({ description: 'How far back' }),
});
const historyBody = targetHistorySchema
  .extend({ host: host.nullable().openapi({ description: 'null: the machine that the hub runs on' }) })
  .openapi('History');
const fleetBody = fleetHistorySchema
  .extend({ targets: z.array(fleetHistorySchema.shape.targets.element.extend({ host })) })
  .openapi('FleetHistory');
const problemBody = { 'application/problem+json': { schema: problemSchema.extend({}).openapi('Problem') } };
const answer = { description: 'The history', content: { 'application/json': { schema: historyBody } } };
const description =
  'In columns of one length, oldest first. A row of which every figure is `null` is a time at which the host was silent.';

const mainServerRoute = createRoute({
  method: 'get',
  path: '/system/history',
  summary: 'The last minutes of the main server',
  description,
  tags: ['status'],
  request: { query },
  responses: { 200: answer, 400: { description: 'A bad range', content: problemBody } },
});

const targetRoute = createRoute({
  method: 'get',
  path: '/targets/{host}/history',
  summary: 'The last minutes of a target',
  description,
  tags: ['status'],
  request: { query, params: z.object({ host: host.openapi({ param: { name: 'host', in: 'path' } }) }) },
  responses: {
    200: answer,
    400: { description: 'Not a host id, or a bad range', content: problemBody },
    404: { description: 'No such target', content: problemBody },
  },
});

const fleetRoute = createRoute({
  method: 'get',
  path: '/history',
  summary: 'Some figures of several targets',
  description:
    'As the history of one target, each with its own times. Hosts that are no targets are left out.',
  tags: ['status'],
  request: {
    query: query.extend({
      hosts: z.string().openapi({
        description: `Separated by commas, at most ${MAX_HISTORY_HOSTS}`,
        example: '10.0.0.2,10.0.0.3',
      }),
      figures: z.string().openapi({
        description: `Separated by commas: ${historyFigureNameSchema.options.join(', ')}`,
        example: 'cpuUsageRatio,memoryUsedBytes',
      }),
    }),
  },
  responses: {
    200: { description: 'The histories', content: { 'application/json': { schema: fleetBody } } },
    400: { description: 'A bad host id, figure or range', content: problemBody },
  },
});

/** What the hub remembers of the last 15 minutes, for charts. */
export function historyRoutes({ fleet, history, log }: HistoryRoutesDeps): OpenAPIHono {
  const routes = busRoutes(log);

  routes.openAPIRegistry.registerPath(mainServerRoute);
  routes.get('/system/history', (c) => {
    const asked = querySchema.safeParse(c.req.query());
    if (!asked.success) return faultyRequest(c, 400, 'Bad query', faultsOf(asked.error));
    const body: TargetHistory = {
      host: null,
      ...history.read(MAIN_SERVER, HISTORY_RANGES_MS[asked.data.range]),
    };
    return c.json(body, 200);
  });

  routes.openAPIRegistry.registerPath(targetRoute);
  routes.get('/targets/:host/history', (c) => {
    const id = hostIdSchema.safeParse(c.req.param('host'));
    if (!id.success) {
      const detail = id.error.issues[0]?.message ?? 'is no host id';
      return faultyRequest(c, 400, 'Not a host id', [{ pointer: '/host', detail }]);
    }
    const asked = querySchema.safeParse(c.req.query());
    if (!asked.success) return faultyRequest(c, 400, 'Bad query', faultsOf(asked.error));
    if (fleet.requireLoaded().get(id.data) === null) {
      return problem(c, 404, 'No such target', `No target is registered as ${id.data}.`);
    }
    const body: TargetHistory = {
      host: id.data,
      ...history.read(id.data, HISTORY_RANGES_MS[asked.data.range]),
    };
    return c.json(body, 200);
  });

  routes.openAPIRegistry.registerPath(fleetRoute);
  routes.get('/history', (c) => {
    const asked = fleetQuerySchema.safeParse(c.req.query());
    if (!asked.success) return faultyRequest(c, 400, 'Bad query', faultsOf(asked.error));
    const { hosts, figures, range } = asked.data;
    const known = fleet.requireLoaded();
    const targets = hosts.filter((id) => known.get(id) !== null);
    return c.json(history.readFigures(targets, figures, HISTORY_RANGES_MS[range]), 200);
  });
  return routes;
}
