import type { Context } from 'hono';
import { problem } from '../http/problem.ts';
import type { ScopeIssue } from './principal.ts';
import { noteForAudit } from './require-credential.ts';

/**
 * Answers 403 to a request outside the scopes of its credential.
 * @param pointer JSON pointer to the host or action in the body; `null`: it is not in the body
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
