import type { MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';

/**
 * Lets pages of these sites read answers, with cookies. Hono's middleware answers their preflights.
 * For other requests it would build a `Response` with its streams, a sixth of the cost of creating
 * a task, so the headers of the finished answer are changed instead.
 */
export function allowOrigins(origins: readonly string[]): MiddlewareHandler {
  const answerPreflight = cors({ origin: [...origins], credentials: true });
  return async (c, next) => {
    if (c.req.method === 'OPTIONS') return answerPreflight(c, next);
    await next();
    const { headers } = c.res;
    headers.append('vary', 'Origin');
    const origin = c.req.header('origin');
    if (origin === undefined || !origins.includes(origin)) return;
    headers.set('access-control-allow-origin', origin);
    headers.set('access-control-allow-credentials', 'true');
  };
}
