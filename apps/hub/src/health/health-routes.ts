import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Readiness } from './readiness.ts';

const healthRoute = createRoute({
  method: 'get',
  path: '/healthz',
  summary: 'Whether the process is up',
  tags: ['health'],
  responses: {
    200: {
      description: 'It is',
      content: { 'application/json': { schema: z.object({ status: z.literal('ok') }) } },
    },
  },
});

const readinessSchema = z
  .object({ ready: z.boolean(), reason: z.string().nullable(), busEchoAgeMs: z.number().nullable() })
  .openapi('Readiness');

const readyRoute = createRoute({
  method: 'get',
  path: '/readyz',
  summary: 'Whether the hub is able to deliver, with the reason when not',
  tags: ['health'],
  responses: {
    200: { description: 'Able', content: { 'application/json': { schema: readinessSchema } } },
    503: { description: 'Not able', content: { 'application/json': { schema: readinessSchema } } },
  },
});

export function healthRoutes(readiness: () => Readiness): OpenAPIHono {
  const routes = new OpenAPIHono();
  routes.openapi(healthRoute, (c) => c.json({ status: 'ok' as const }, 200));
  routes.openapi(readyRoute, (c) => {
    const state = readiness();
    return c.json(state, state.ready ? 200 : 503);
  });
  return routes;
}
