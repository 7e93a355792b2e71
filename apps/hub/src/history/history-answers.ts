import { HistoryError } from '@booner/history';
import type { Context } from 'hono';
import type { ReadableOf } from '../fleet/read-scopes.ts';
import { invalidRequest } from '../http/json-body.ts';
import { problem } from '../http/problem.ts';

/** Seconds after which a request that found the history busy may be repeated. */
const RETRY_AFTER_SECONDS = '5';

/** Problems of every route that reads the history. */
export const HISTORY_ERRORS = {
  409: 'This hub keeps no history: `BOONER_HISTORY_DIR` is `off`.',
  503: 'The history cannot be read now, or too many requests wait for it: then retry after the seconds in `Retry-After`.',
} as const;

/** Answers that the hub keeps no history. */
export const historyIsOff = (c: Context): Response =>
  problem(
    c,
    409,
    'No history',
    'This hub keeps the last 15 minutes only: BOONER_HISTORY_DIR is off. Set it to a folder to keep more.',
  );

/**
 * Answers a credential with a read scope with 403.
 * @param why completes the detail
 * @returns `null` if it reads everything
 */
export const unlessReadsAll = (c: Context, readableOf: ReadableOf, why: string): Response | null =>
  readableOf(c).key === null
    ? null
    : problem(c, 403, 'Out of scope', `Your token reads some targets only. ${why}`);

/**
 * Waits for the history.
 * @returns the answer 503 instead if it cannot be read, or 400 if the answer would be too large
 */
export async function unlessUnreadable<T>(c: Context, reading: Promise<T>): Promise<T | Response> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof HistoryError)) throw error;
    if (error.code === 'too_large') {
      return invalidRequest(c, 400, 'Invalid query', [{ pointer: '/metrics', detail: error.message }]);
    }
    if (error.code === 'busy') c.header('retry-after', RETRY_AFTER_SECONDS);
    return problem(c, 503, 'No history', `${error.message}.`);
  }
}

/** An answer that is JSON already. */
export const json = (body: Uint8Array): Response =>
  new Response(body as Uint8Array<ArrayBuffer>, { headers: { 'content-type': 'application/json' } });

/** A time for the name of a file, such as `20260131T120000Z`. */
export const fileTime = (atMs: number): string => new Date(atMs).toISOString().replaceAll(/[-:]|\.\d+/g, '');
