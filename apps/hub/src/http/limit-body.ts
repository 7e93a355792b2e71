import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { problem } from './problem.ts';

/** Larger than any request that there is; a task's parameters are the largest. */
const MAX_BODY_BYTES = 256 * 1024;

/**
 * Refuses larger bodies. Where the headers say that it is small, Node.js holds the client to that, and Hono's
 * middleware is passed by: it makes a whole `Request` with its streams, a tenth of what creating a task costs.
 */
export function limitBody(): MiddlewareHandler {
  const limit = bodyLimit({
    maxSize: MAX_BODY_BYTES,
    onError: (c) => {
      c.header('connection', 'close'); // what is left of the body is not read: the connection can carry no other request
      return problem(c, 413, 'Body too large', `A body may have at most ${MAX_BODY_BYTES / 1024} KiB.`);
    },
  });
  return (c, next) => (isSaidToBeSmall(c) ? next() : limit(c, next));
}

function isSaidToBeSmall({ req }: Context): boolean {
  if (req.method === 'GET' || req.method === 'HEAD') return true; // nobody reads a body there
  const length = req.header('content-length');
  return (
    length !== undefined && req.header('transfer-encoding') === undefined && Number(length) <= MAX_BODY_BYTES
  );
}
