import type { Context } from 'hono';
import { invalidRequest } from '../http/json-body.ts';
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

/** Answers 400 to a new admin with a read scope, whose tokens and audit log name other hosts. */
export const adminReadsAll = (c: Context, pointer: string): Response =>
  invalidRequest(c, 400, 'Invalid request body', [
    { pointer, detail: 'must be null for an admin, who can read everything: choose operator or viewer' },
  ]);
