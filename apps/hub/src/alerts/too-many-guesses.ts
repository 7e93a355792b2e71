import type { Context } from 'hono';
import { problem } from '../http/problem.ts';

/** Answers 429 to an address that sent too many invalid keys or links. */
export function tooManyGuesses(c: Context, waitMs: number): Response {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  c.header('retry-after', String(seconds));
  const detail = `Your address has sent too many invalid keys or links. Try again in ${seconds} s.`;
  return problem(c, 429, 'Too many failures', detail);
}
