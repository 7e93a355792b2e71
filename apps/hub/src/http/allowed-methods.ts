import type { OpenAPIHono } from '@hono/zod-openapi';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Lists the methods that routes serve at a path, as `Allow` has them (RFC 9110 section 10.2.1). */
export function allowedMethods({ router }: Pick<OpenAPIHono, 'router'>, path: string): readonly string[] {
  const served = METHODS.filter((method) =>
    // Middleware of the app is registered for all methods.
    router.match(method, path)[0].some(([[, matched]]) => matched.method !== 'ALL'),
  );
  return served.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
}
