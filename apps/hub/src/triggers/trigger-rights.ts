import { type HostId, namedHosts, type RolloutRequest } from '@booner/protocol';
import type { Context } from 'hono';
import { findScopeIssue, type Principal } from '../access/principal.ts';
import { outOfScope } from '../access/scope-answer.ts';
import { problem } from '../http/problem.ts';

/** Stands for the hosts of a selector that names none. */
const ANY_HOST = '*';

/**
 * Answers 403 if what a schedule or a hook starts is beyond the scopes of who asks; `null`: it is
 * not.
 */
export function unlessInScope(
  c: Context,
  what: 'schedule' | 'hook',
  { action, selector }: Pick<RolloutRequest, 'action' | 'selector'>,
  principal: Principal,
): Response | null {
  const named = namedHosts(selector);
  if (named === null && principal.scopes.hosts !== null) {
    const detail = `Your token is limited to some hosts, so the ${what} has to name them, as in host=10.0.0.2`;
    return outOfScope(c, { scope: 'hosts', detail }, '/selector');
  }
  // Without named hosts, only the action can be out of scope.
  for (const host of named ?? [ANY_HOST]) {
    const issue = findScopeIssue(principal, host as HostId, action);
    if (issue !== null) return outOfScope(c, issue, issue.scope === 'actions' ? '/action' : '/selector');
  }
  return null;
}

/**
 * Answers 409 if the credential of who asks is a session of its own, which will end; `null`: it is
 * not.
 */
export function unlessLasting(
  c: Context,
  what: 'schedule' | 'hook',
  { credential }: Principal,
): Response | null {
  if (credential?.kind !== 'session' || credential.parentId !== null) return null;
  const detail = `Your session will end, and the ${what} with it. Set it with a token: booner token create`;
  return problem(c, 409, 'Needs a token', detail);
}
