import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { problem } from './problem.ts';

/** Larger than any request that there is; a task's parameters are the largest. */
const MAX_BODY_KIB = 256;
/** The same for those that everybody may make: strangers are to fill no memory. */
const MAX_OPEN_BODY_KIB = 4;

/**
 * Refuses larger bodies; of somebody who did not have to say who asks much smaller ones, so it stands behind what decides that. Where
 * the headers say that it is small, Node.js holds the client to that, and Hono's middleware is passed by: it makes a whole `Request` with
 * its streams, a tenth of what creating a task costs.
 */
export function limitBody(): MiddlewareHandler {
  const [known, open] = [limitTo(MAX_BODY_KIB), limitTo(MAX_OPEN_BODY_KIB)];
  return (c, next) => (c.get('principal') === undefined ? open : known)(c, next);
}

function limitTo(maxKib: number): MiddlewareHandler {
  const maxBytes = maxKib * 1024;
  const limit = bodyLimit({
    maxSize: maxBytes,
    onError: (c) => {
      c.header('connection', 'close'); // what is left of the body is not read: the connection can carry no other request
      return problem(c, 413, 'Body too large', `A body may have at most ${maxKib} KiB.`);
    },
  });
  return (c, next) => (isSaidToBeSmall(c, maxBytes) ? next() : limit(c, next));
}

function isSaidToBeSmall({ req }: Context, maxBytes: number): boolean {
  if (req.method === 'GET' || req.method === 'HEAD') return true; // nobody reads a body there
  const length = req.header('content-length');
  return length !== undefined && req.header('transfer-encoding') === undefined && Number(length) <= maxBytes;
}
