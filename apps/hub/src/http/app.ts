import type { Logger } from '@booner/service';
import { OpenAPIHono } from '@hono/zod-openapi';
import { cors } from 'hono/cors';
import { limitBody } from './limit-body.ts';
import { type AccessRules, guardOrigin } from './origin-guard.ts';
import { problem } from './problem.ts';
import { securityHeaders } from './security-headers.ts';

export type AppDeps = {
  readonly version: string;
  readonly access: AccessRules;
  readonly log: Logger;
  /** Routes of the features; those made by `OpenAPIHono` appear in `/openapi.json`. */
  readonly routes: readonly OpenAPIHono[];
};

/** The hub's HTTP interface: what holds for every request, and the features' routes. */
export function createApp({ version, access, log, routes }: AppDeps): OpenAPIHono {
  const app = new OpenAPIHono();
  app.use(guardOrigin(access));
  app.use(securityHeaders());
  app.use(cors({ origin: [...access.allowedOrigins], credentials: true }));
  app.use(limitBody());
  for (const feature of routes) app.route('/', feature);
  app.doc31('/openapi.json', { openapi: '3.1.0', info: { title: 'Booner', version } });
  app.notFound((c) =>
    problem(
      c,
      404,
      'Not found',
      `There is no ${c.req.method} ${c.req.path} here. /docs lists what there is.`,
    ),
  );
  app.onError((error, c) => {
    log.error({ err: error, method: c.req.method, path: c.req.path }, 'a request failed');
    return problem(c, 500, 'Internal error', 'The hub failed to answer; its log says why.');
  });
  return app;
}
