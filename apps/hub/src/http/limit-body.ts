import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { problem } from './problem.ts';

/** Larger than any legitimate request; the parameters of a task are the largest. */
const MAX_BODY_KIB = 256;
/** For most public routes, so that clients without a credential cannot fill the memory. */
const MAX_PUBLIC_BODY_KIB = 4;

/**
 * Limits request bodies. Public routes get a smaller limit. Must run after authorization, so that
 * no body of a rejected request is read. Hono's middleware builds a whole `Request` with its
 * streams, a tenth of the cost of creating a task, so it is skipped when Content-Length shows a
 * small body, which Node.js enforces.
 */
export function limitBody(): MiddlewareHandler {
  const limits = new Map<number, MiddlewareHandler>();
  return (c, next) => {
    const { role, maxBodyKib = role === null ? MAX_PUBLIC_BODY_KIB : MAX_BODY_KIB } = c.get('accessRule');
    const limit = limits.get(maxBodyKib) ?? limitTo(maxBodyKib);
    limits.set(maxBodyKib, limit);
    return limit(c, next);
  };
}

function limitTo(maxKib: number): MiddlewareHandler {
  const maxBytes = maxKib * 1024;
  const limit = bodyLimit({
    maxSize: maxBytes,
    onError: (c) => {
      c.header('connection', 'close'); // its unread body makes it unusable
      return problem(c, 413, 'Body too large', `The body may have at most ${maxKib} KiB.`);
    },
  });
  return (c, next) => (announcesAtMost(c, maxBytes) ? next() : limit(c, next));
}

function announcesAtMost({ req }: Context, maxBytes: number): boolean {
  if (req.method === 'GET' || req.method === 'HEAD') return true; // their bodies are never read
  const length = req.header('content-length');
  return length !== undefined && req.header('transfer-encoding') === undefined && Number(length) <= maxBytes;
}
