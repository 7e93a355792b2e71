import { setImmediate } from 'node:timers/promises';
import type { MiddlewareHandler } from 'hono';

/**
 * Ends the body of every answer to a HEAD, which no client gets: Hono answers a HEAD as a GET and drops the body, and what a dropped
 * stream has open stays open for ever. The answer keeps the headers of the GET, with the length of a body that is in memory.
 */
export function answerHead(): MiddlewareHandler {
  return async (c, next) => {
    await next();
    const { body, headers } = c.res;
    if (c.req.method !== 'HEAD' || body === null) return;
    const bytes = headers.has('content-length') ? null : await lengthInMemory(body);
    if (bytes !== null) c.header('content-length', String(bytes));
    if (!body.locked) await body.cancel();
  };
}

/** @returns `null` for a stream, which is cancelled: a GET sends no length of it either */
async function lengthInMemory(body: ReadableStream<Uint8Array>): Promise<number | null> {
  const reader = body.getReader();
  try {
    const first = await readAtOnce(reader);
    if (first === null) return null;
    if (first.done) return 0;
    return (await readAtOnce(reader))?.done === true ? first.value.length : null;
  } finally {
    await reader.cancel();
    reader.releaseLock();
  }
}

/** Reads a chunk that is in memory, which comes before the event loop turns. @returns `null` for one that does not */
const readAtOnce = (reader: ReadableStreamDefaultReader<Uint8Array>) =>
  Promise.race([reader.read(), setImmediate(null)]);
