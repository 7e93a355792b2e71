import { hostIdSchema, problemSchema, systemStatusSchema, targetSchema } from '@booner/protocol';
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Fleet } from '../state/fleet.ts';
import { problem } from './problem.ts';

export type StatusRoutesDeps = {
  readonly fleet: Fleet;
  /** JSON of the last broadcast of the status stream. */
  readonly lastStatusText: () => string;
};

const hostParam = hostIdSchema.openapi({
  type: 'string',
  param: { name: 'host', in: 'path' },
  example: '10.0.0.2',
});

const systemStatusRoute = createRoute({
  method: 'get',
  path: '/system/status',
  summary: 'The last broadcast of the status stream',
  tags: ['status'],
  responses: {
    200: {
      description: 'Status',
      content: { 'application/json': { schema: systemStatusSchema.openapi('SystemStatus') } },
    },
  },
});

const target = targetSchema.extend({ host: z.string() }).openapi('Target');

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
  request: { params: z.object({ host: hostParam }) },
  responses: {
    200: { description: 'The target', content: { 'application/json': { schema: target } } },
    400: {
      description: 'Not a host id',
      content: { 'application/problem+json': { schema: problemSchema.openapi('Problem') } },
    },
    404: {
      description: 'No such target',
      content: { 'application/problem+json': { schema: problemSchema } },
    },
  },
});

const agentsRoute = createRoute({
  method: 'get',
  path: '/agents',
  summary: 'Hosts whose agents are connected',
  tags: ['status'],
  responses: {
    200: {
      description: 'Hosts',
      content: { 'application/json': { schema: z.object({ agents: z.array(z.string()) }) } },
    },
  },
});

/** REST mirrors of the status stream. */
export function statusRoutes({ fleet, lastStatusText }: StatusRoutesDeps): OpenAPIHono {
  const json = (text: string) => new Response(text, { headers: { 'content-type': 'application/json' } });
  const routes = new OpenAPIHono();
  // The handlers answer texts that are encoded already; the schemas above describe them and the tests hold them to it.
  routes.openAPIRegistry.registerPath(systemStatusRoute);
  routes.get('/system/status', () => json(lastStatusText()));
  routes.openAPIRegistry.registerPath(targetsRoute);
  routes.get('/targets', () =>
    json(
      `{"targets":[${fleet
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
    const entry = fleet.get(host.data);
    if (entry === null) return problem(c, 404, 'No such target', `No target is registered as ${host.data}.`);
    return json(entry.json('full'));
  });
  routes.openapi(agentsRoute, (c) => {
    const agents = fleet.entries().filter(({ status }) => status === 'active');
    return c.json({ agents: agents.map(({ host }) => host as string) }, 200);
  });
  return routes;
}
