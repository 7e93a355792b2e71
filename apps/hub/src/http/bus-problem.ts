import type { BusError } from '@booner/bus';
import type { Logger } from '@booner/service';
import type { Context } from 'hono';
import { loggedPath } from './logged-path.ts';
import { problem } from './problem.ts';

const RETRY_AFTER_SECONDS = '5';

/** Answers 503 with the reason and Retry-After to a request that the bus could not serve. */
export function busProblem(c: Context, error: BusError, log: Logger): Response {
  c.header('retry-after', RETRY_AFTER_SECONDS);
  const unchanged = ['GET', 'HEAD'].includes(c.req.method) ? '' : ' Nothing was changed.';
  switch (error.code) {
    case 'disconnected':
      return problem(
        c,
        503,
        'Redis unreachable',
        `The hub has no data from Redis: ${error.message}.${unchanged}`,
      );
    case 'timeout':
      return problem(c, 503, 'Redis too slow', TIMEOUT);
    case 'refused':
      if (error.reply === 'OOM') return problem(c, 503, 'Redis full', `${error.message}.${unchanged}`);
      log.info(
        { reason: error.message, method: c.req.method, path: loggedPath(c) },
        'Redis refused a request',
      );
      return problem(c, 503, 'Refused by Redis', `Redis refused: ${error.message}.${unchanged}`);
    case 'bad_url':
    case 'bad_certificate':
      throw error; // configuration errors stop the start; here they are a defect
    default:
      return error.code satisfies never;
  }
}

const TIMEOUT =
  'Redis did not answer in time, so the request may or may not have been carried out. With an ' +
  'Idempotency-Key you can safely repeat it.';
