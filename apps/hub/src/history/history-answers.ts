import { HistoryError } from '@booner/history';
import type { Context } from 'hono';
import { problem } from '../http/problem.ts';

/** Problems of routes that read the history. */
export const HISTORY_ERRORS = {
  409: 'This hub keeps no history: `BOONER_HISTORY_DIR` is `off`.',
  503: 'The history cannot be read now, or too many requests wait for it.',
} as const;

/** The answer to a credential that reads some targets only, for what is not about targets. */
export const outOfScope = (c: Context): Response =>
  problem(c, 403, 'Out of scope', 'Your token reads some targets only. The main server is not one.');

/** An answer that is JSON already. */
export const json = (body: Uint8Array): Response =>
  new Response(body as Uint8Array<ArrayBuffer>, { headers: { 'content-type': 'application/json' } });

export const isOff = (c: Context): Response =>
  problem(
    c,
    409,
    'No history',
    'This hub keeps the last 15 minutes only: BOONER_HISTORY_DIR is off. Set it to a folder to keep more.',
  );

/** Waits for the store. @returns the answer 503 instead, if it cannot be read */
export async function unlessUnreadable<T>(c: Context, reading: Promise<T>): Promise<T | Response> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof HistoryError)) throw error;
    return problem(c, 503, 'No history', `${error.message}.`);
  }
}
