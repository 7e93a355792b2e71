import type { Context } from 'hono';
import { problem } from '../http/problem.ts';
import type { ScopeIssue } from './principal.ts';
import { noteForAudit } from './require-credential.ts';

/**
 * The answer to who may run or cancel some things, but not this.
 * @param pointer to what names it in the body; `null` where nothing does
 */
export function outOfScope(
  c: Context,
  { scope, detail }: ScopeIssue,
  pointer: string | null = null,
): Response {
  noteForAudit(c, { detail });
  const errors = pointer === null ? undefined : [{ pointer, detail: `is not within your ${scope}` }];
  return problem(c, 403, 'Out of scope', `${detail}.`, errors);
}
