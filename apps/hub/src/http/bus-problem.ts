import { BusError } from '@booner/bus';
import type { Logger } from '@booner/service';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { problem } from './problem.ts';

const RETRY_AFTER_SECONDS = '5';

/** Routes that answer 503, with the reason and Retry-After, while the bus cannot do what they need. */
export function busRoutes(log: Logger): OpenAPIHono {
  const routes = new OpenAPIHono();
  routes.onError((error, c) => {
    if (!(error instanceof BusError)) throw error; // to the app's handler
    return busProblem(c, error, log);
  });
  return routes;
}

/** The answer to a request that the bus could not do its part of. */
export function busProblem(c: Context, error: BusError, log: Logger): Response {
  c.header('retry-after', RETRY_AFTER_SECONDS);
  const unchanged = ['GET', 'HEAD'].includes(c.req.method) ? '' : ' Nothing was changed.';
  switch (error.code) {
    case 'disconnected':
      return problem(c, 503, 'Bus away', `The hub has no data from Redis: ${error.message}.${unchanged}`);
    case 'timeout':
      return problem(
        c,
        503,
        'Bus slow',
        'The bus did not answer in time: whether the request was carried out is not known. With an Idempotency-Key it can be repeated safely.',
      );
    case 'refused':
      if (error.reply === 'OOM') {
        return problem(c, 503, 'Bus full', `${error.message}.${unchanged}`);
      }
      log.info(
        { reason: error.message, method: c.req.method, path: c.req.path },
        'a request could not be carried out: Redis refused',
      );
      return problem(c, 503, 'Bus refused', `Redis refused: ${error.message}.${unchanged}`);
    case 'bad_url':
    case 'bad_certificate':
      throw error; // faults of the configuration end the start; here they are a defect
    default:
      return error.code satisfies never;
  }
}
