import { setImmediate } from 'node:timers/promises';
import type { MiddlewareHandler } from 'hono';

/**
 * Cancels the body of answers to HEAD. Hono answers a HEAD as a GET and drops the body, so whatever
 * a dropped stream has open would stay open forever. The answer keeps the headers of the GET, with
 * the length of a body that is in memory.
 */
export function answerHead(): MiddlewareHandler {
  return async (c, next) => {
    await next();
    if (c.req.method !== 'HEAD') return;
    const { body, headers } = c.res;
    if (body === null) return;
    const bytes = headers.has('content-length') ? null : await lengthInMemory(body);
    if (bytes !== null) c.header('content-length', String(bytes));
    if (!body.locked) await body.cancel();
  };
}

/**
 * @returns `null` for a stream, whose length a GET does not send either; the stream is cancelled
 */
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

/**
 * Reads a chunk that is in memory: it arrives before the event loop turns.
 * @returns `null` for a chunk that does not
 */
const readAtOnce = (reader: ReadableStreamDefaultReader<Uint8Array>) =>
  Promise.race([reader.read(), setImmediate(null)]);
