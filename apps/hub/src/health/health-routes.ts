import { z } from '@hono/zod-openapi';
import { jsonAnswer } from '../http/openapi.ts';
import { PUBLIC, type Routes, route, serve } from '../http/route.ts';
import type { Readiness } from './readiness.ts';

const healthRoute = route({
  method: 'get',
  path: '/healthz',
  access: PUBLIC,
  summary: 'Check that the process is up',
  tag: 'health',
  responses: { 200: jsonAnswer('The process is up', z.object({ status: z.literal('ok') })) },
});

const readinessSchema = z
  .object({
    ready: z.boolean(),
    reason: z.string().nullable(),
    busEchoAgeMs: z.number().nullable(),
    warnings: z
      .array(z.string())
      .openapi({ description: 'What fails without keeping the hub from serving clients' }),
  })
  .openapi('Readiness');

const readyRoute = route({
  method: 'get',
  path: '/readyz',
  access: PUBLIC,
  summary: 'Check that the hub can serve clients',
  tag: 'health',
  responses: {
    200: jsonAnswer('The hub is ready', readinessSchema),
    503: jsonAnswer('The hub is not ready, with the reason', readinessSchema),
  },
});

export const healthRoutes = (readiness: () => Readiness): Routes => [
  serve(healthRoute, (c) => c.json({ status: 'ok' }, 200)),
  serve(readyRoute, (c) => {
    const state = readiness();
    return c.json(state, state.ready ? 200 : 503);
  }),
];
