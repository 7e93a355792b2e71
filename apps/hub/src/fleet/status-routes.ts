import {
  hostIdSchema,
  problemSchema,
  sampleSchema,
  systemStatusSchema,
  targetSchema,
  targetStatusSchema,
} from '@booner/protocol';
import { deploymentTarget } from '@booner/protocol/status-texts';
import type { Logger } from '@booner/service';
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { busRoutes } from '../http/bus-problem.ts';
import { problem } from '../http/problem.ts';
import type { Fleet } from './fleet.ts';

export type StatusRoutesDeps = {
  readonly fleet: Fleet;
  /** JSON of the last broadcast of the status stream. */
  readonly lastStatusText: () => string;
  /** JSON of a `snapshot` of version 2 as of now. */
  readonly snapshotText: () => string;
  readonly log: Logger;
};

// What the reference shows: schemas made here, after @hono/zod-openapi taught zod to name them.
const host = z.string().openapi({ description: 'IP address or host name', example: '10.0.0.2' });
const target = targetSchema
  .extend({
    host,
    sample: z
      .object({ ...sampleSchema.shape, host })
      .openapi('Sample')
      .nullable(),
  })
  .openapi('Target');
const agent = z
  .object({
    name: host,
    model: z.string().openapi({ example: '8 cores, 32 GB RAM' }),
    status: z.enum(targetStatusSchema.options),
  })
  .openapi('Agent');
const systemStatus = systemStatusSchema.extend({}).openapi('SystemStatus');
const version = z
  .enum(['1', '2'])
  .optional()
  .openapi({ description: '2: the snapshot of the stream of version 2' });
const problemBody = { 'application/problem+json': { schema: problemSchema.extend({}).openapi('Problem') } };

const systemStatusRoute = createRoute({
  method: 'get',
  path: '/system/status',
  summary: 'The last broadcast of the status stream',
  tags: ['status'],
  request: { query: z.object({ version }) },
  responses: {
    200: {
      description: 'Status',
      content: { 'application/json': { schema: systemStatus } },
    },
  },
});

const targetsRoute = createRoute({
  method: 'get',
  path: '/targets',
  summary: 'Every target with its inventory and last sample',
  tags: ['status'],
  responses: {
    200: {
      description: 'Targets, by host',
      content: { 'application/json': { schema: z.object({ targets: z.array(target) }) } },
    },
  },
});

const targetRoute = createRoute({
  method: 'get',
  path: '/targets/{host}',
  summary: 'One target with its inventory and last sample',
  tags: ['status'],
  request: { params: z.object({ host: host.openapi({ param: { name: 'host', in: 'path' } }) }) },
  responses: {
    200: { description: 'The target', content: { 'application/json': { schema: target } } },
    400: {
      description: 'Not a host id',
      content: problemBody,
    },
    404: {
      description: 'No such target',
      content: problemBody,
    },
  },
});

const agentsRoute = createRoute({
  method: 'get',
  path: '/agents',
  summary: 'Hosts whose agents are connected',
  description: 'In the shape that existing dashboards read; `model` is the `specs` of the status, version 1.',
  tags: ['status'],
  responses: {
    200: {
      description: 'Hosts',
      content: { 'application/json': { schema: z.object({ agents: z.array(agent) }) } },
    },
  },
});

/** REST mirrors of the status stream. Until the fleet was read from the bus once they answer 503. */
export function statusRoutes({ fleet, lastStatusText, snapshotText, log }: StatusRoutesDeps): OpenAPIHono {
  const json = (text: string) => new Response(text, { headers: { 'content-type': 'application/json' } });
  const routes = busRoutes(log);
  // The handlers answer texts that are encoded already; the schemas above describe them and the tests hold them to it.
  routes.openAPIRegistry.registerPath(systemStatusRoute);
  routes.get('/system/status', (c) => {
    fleet.requireLoaded();
    return json(c.req.query('version') === '2' ? snapshotText() : lastStatusText());
  });
  routes.openAPIRegistry.registerPath(targetsRoute);
  routes.get('/targets', () =>
    json(
      `{"targets":[${fleet
        .requireLoaded()
        .entries()
        .map((entry) => entry.json('full'))
        .join(',')}]}`,
    ),
  );
  routes.openAPIRegistry.registerPath(targetRoute);
  routes.get('/targets/:host', (c) => {
    const host = hostIdSchema.safeParse(c.req.param('host'));
    if (!host.success) {
      const detail = host.error.issues[0]?.message ?? 'bad host id';
      return problem(c, 400, 'Not a host id', detail, [{ pointer: '/host', detail }]);
    }
    const entry = fleet.requireLoaded().get(host.data);
    if (entry === null) return problem(c, 404, 'No such target', `No target is registered as ${host.data}.`);
    return json(entry.json('full'));
  });
  routes.openapi(agentsRoute, (c) => {
    const targets = fleet
      .requireLoaded()
      .entries()
      .filter(({ status }) => status === 'active')
      .map((entry) => deploymentTarget(entry.summary()));
    return c.json(
      { agents: targets.map(({ host, specs, status }) => ({ name: host, model: specs, status })) },
      200,
    );
  });
  return routes;
}
