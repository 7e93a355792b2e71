import type { IncomingMessage } from 'node:http';
import { BusError } from '@booner/bus';
import type { Logger } from '@booner/service';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context, MiddlewareHandler } from 'hono';
import { allowOrigins } from './allow-origins.ts';
import { allowedMethods } from './allowed-methods.ts';
import { answerHead } from './answer-head.ts';
import { busProblem } from './bus-problem.ts';
import { recognizeClient } from './client-address.ts';
import { limitBody } from './limit-body.ts';
import { limitProxiedSockets } from './limit-proxied-sockets.ts';
import { loggedPath } from './logged-path.ts';
import { describeRoute, SECURITY_SCHEMES } from './openapi.ts';
import { guardOrigin, type OriginRules } from './origin-guard.ts';
import { problem } from './problem.ts';
import { PUBLIC, type Routes, route, serve } from './route.ts';
import { accessTable, findAccessRule } from './route-access.ts';
import { securityHeaders } from './security-headers.ts';
import { JSON_VALUE } from './shown-values.ts';
import type { TrustedProxies } from './trusted-proxies.ts';

export type AppDeps = {
  readonly version: string;
  /** Sites and names whose requests are accepted. */
  readonly access: OriginRules;
  /** Proxies whose `X-Forwarded-…` headers count. Default: none. */
  readonly trustedProxies?: TrustedProxies;
  /** Open WebSockets that one address may have through trusted proxies. Default: any number. */
  readonly maxProxiedSocketsPerAddress?: number;
  readonly log: Logger;
  /** Measures requests. Default: nothing does. */
  readonly measure?: MiddlewareHandler;
  /** Enforces `accessRule` of the context. */
  readonly authorize: MiddlewareHandler;
  /** For the OpenAPI document: false if requests need no credential. Default: true. */
  readonly authRequired?: boolean;
  readonly routes: Routes;
  /** Page for browsers that open an unknown path; `null` for other clients. Default: none. */
  readonly notFoundPage?: (c: Context) => Promise<Response | null>;
};

/** The hub's HTTP interface: middleware for every request, and the routes of the features. */
export function createApp({
  version,
  access,
  trustedProxies,
  maxProxiedSocketsPerAddress = Number.POSITIVE_INFINITY,
  log,
  measure,
  authorize,
  authRequired = true,
  routes,
  notFoundPage = async () => null,
}: AppDeps): OpenAPIHono {
  const app = new OpenAPIHono();
  const reference = () =>
    app.getOpenAPI31Document({
      openapi: '3.1.0',
      info: { title: 'Booner', version, license: { name: 'MIT', url: 'https://spdx.org/licenses/MIT.html' } },
      servers: [{ url: '/' }],
    });
  const served = [...routes, serve(referenceRoute, (c) => c.json(reference()))];
  if (measure !== undefined) app.use(measure);
  app.use(answerHead());
  app.use(recognizeClient(trustedProxies));
  app.use(guardOrigin(access));
  app.use(securityHeaders());
  app.use(allowOrigins(access.allowedOrigins));
  app.use(findAccessRule(accessTable(served)));
  app.use(authorize);
  app.use(limitBody()); // after authorization: bodies of rejected requests are not read
  app.use(limitProxiedSockets(maxProxiedSocketsPerAddress));
  for (const { route: declared, handler } of served) {
    const config = describeRoute(declared, authRequired);
    const { method, middleware = [] } = declared;
    app.on(method, [config.getRoutingPath()], ...middleware, handler);
    if (declared.responses !== undefined) app.openAPIRegistry.registerPath(config);
  }
  app.openAPIRegistry.registerComponent('schemas', 'JsonValue', JSON_VALUE);
  for (const [name, scheme] of Object.entries(SECURITY_SCHEMES)) {
    app.openAPIRegistry.registerComponent('securitySchemes', name, scheme);
  }
  app.notFound(async (c) => {
    const { method, path } = c.req;
    const allowed = allowedMethods(app, path);
    if (allowed.length === 0 || allowed.includes(method)) {
      return (
        (await notFoundPage(c)) ??
        problem(c, 404, 'Not found', `This hub has no ${method} ${path}. See /docs for its API.`)
      );
    }
    const allow = allowed.join(', ');
    c.header('allow', allow);
    return problem(c, 405, 'Method not allowed', `${path} does not support ${method}. Use ${allow}.`);
  });
  app.onError((error, c) => {
    if (error instanceof BusError) return busProblem(c, error, log);
    if (isDisconnect(error, c)) return problem(c, 400, 'Invalid request body', INCOMPLETE_BODY);
    log.error({ err: error, method: c.req.method, path: loggedPath(c) }, 'a request failed');
    return problem(c, 500, 'Internal error', 'The hub could not answer. See its log for the reason.');
  });
  return app;
}

const referenceRoute = route({ method: 'get', path: '/openapi.json', access: PUBLIC });
const INCOMPLETE_BODY = 'The connection closed before the end of the body.';

/**
 * Detects a client that disconnected within its body: not worth logging, clients could flood the
 * log.
 */
function isDisconnect(error: Error, c: Context): boolean {
  const { incoming } = (c.env ?? {}) as { readonly incoming?: IncomingMessage };
  return (
    (error as NodeJS.ErrnoException).code === 'ECONNRESET' &&
    incoming?.destroyed === true &&
    !incoming.complete
  );
}
