import type { MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import { Histogram } from 'prom-client';

/** From answers out of memory to those that wait for Redis until it is too slow. */
const BUCKETS_SECONDS = [0.005, 0.025, 0.1, 0.5, 2.5];
/** `route` of requests that no route matches: their paths are unbounded. */
const UNMATCHED = 'none';

export type RequestDurations = {
  readonly histogram: Histogram;
  /** MUST come first, so that it sees the answers of all others. */
  readonly measure: MiddlewareHandler;
};

/**
 * Measures requests by method, route such as `/tasks/:id`, and status class such as `2xx`. Series
 * appear with the first answer. Every label is bounded by the routes.
 */
export function createRequestDurations(): RequestDurations {
  const histogram = new Histogram({
    name: 'booner_hub_http_request_duration_seconds',
    help: 'Time until the headers of an answer, since the headers of its request',
    labelNames: ['method', 'route', 'status'],
    buckets: BUCKETS_SECONDS,
    registers: [],
  });
  return {
    histogram,
    async measure(c, next) {
      const startedAtMs = performance.now();
      await next();
      const seconds = (performance.now() - startedAtMs) / 1000;
      // Middleware of the app is registered for all methods.
      const route = matchedRoutes(c).find(({ method }) => method !== 'ALL');
      const { method, path } = route ?? { method: UNMATCHED, path: UNMATCHED };
      histogram.observe({ method, route: path, status: `${Math.floor(c.res.status / 100)}xx` }, seconds);
    },
  };
}
