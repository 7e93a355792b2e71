import type { IncomingMessage } from 'node:http';
import type { Logger } from '@booner/service';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { cors } from 'hono/cors';
import type { Authorize } from '../access/require-credential.ts';
import { routeAccess, routeName } from '../access/route-access.ts';
import { answerHead } from './answer-head.ts';
import { recognizeClient } from './client-address.ts';
import { limitBody } from './limit-body.ts';
import { type AccessRules, guardOrigin } from './origin-guard.ts';
import { problem } from './problem.ts';
import { securityHeaders } from './security-headers.ts';
import type { TrustedProxies } from './trusted-proxies.ts';

export type AppDeps = {
  readonly version: string;
  readonly access: AccessRules;
  /** Whose `X-Forwarded-…` headers count; absent: nobody's. */
  readonly trustedProxies?: TrustedProxies;
  readonly log: Logger;
  /** Lets in who may use a route, as the route table says. */
  readonly authorize: Authorize;
  /** Routes of the features; those made by `OpenAPIHono` appear in `/openapi.json`. */
  readonly routes: readonly OpenAPIHono[];
  /** The same, for everybody, signed in or not: what a browser needs before anybody can sign in. */
  readonly publicRoutes?: readonly OpenAPIHono[];
};

/** The hub's HTTP interface: what holds for every request, and the features' routes. */
export function createApp({
  version,
  access,
  trustedProxies,
  log,
  authorize,
  routes,
  publicRoutes = [],
}: AppDeps): OpenAPIHono {
  const app = new OpenAPIHono();
  app.use(answerHead());
  app.use(recognizeClient(trustedProxies));
  app.use(guardOrigin(access));
  app.use(securityHeaders());
  app.use(cors({ origin: [...access.allowedOrigins], credentials: true }));
  const publicNames = publicRoutes.flatMap((feature) =>
    feature.routes.map(({ method, path }) => routeName(method, path)),
  );
  app.use(authorize(routeAccess(new Set(publicNames))));
  app.use(limitBody()); // after it: bodies of strangers are not read
  for (const feature of [...routes, ...publicRoutes]) app.route('/', feature);
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
    if (hasGone(error, c)) return problem(c, 400, 'Bad request body', 'The body ended before its end.');
    log.error({ err: error, method: c.req.method, path: c.req.path }, 'a request failed');
    return problem(c, 500, 'Internal error', 'The hub failed to answer; its log says why.');
  });
  return app;
}

/** Whether the client went away in the middle of its body: no fault of the hub, and nothing that strangers shall fill its log with. */
function hasGone(error: Error, c: Context): boolean {
  const { incoming } = (c.env ?? {}) as { readonly incoming?: IncomingMessage };
  return (
    (error as NodeJS.ErrnoException).code === 'ECONNRESET' &&
    incoming?.destroyed === true &&
    !incoming.complete
  );
}
