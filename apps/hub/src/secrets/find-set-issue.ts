import type { HostId, OfferedAction } from '@booner/protocol';
import { findHostIssue, mayAct, type Principal, type ScopeIssue } from '../access/principal.ts';

/**
 * Finds out why a principal may not set or remove a secret of a host; `null`: it may. Who sets a
 * secret decides what the actions that receive it work with, so it takes the rights to run them.
 * @param actions that the host offers now
 */
export function findSetIssue(
  principal: Principal,
  { name, host }: { readonly name: string; readonly host: HostId },
  actions: readonly OfferedAction[],
): ScopeIssue | { readonly scope: null; readonly detail: string } | null {
  const issue = findHostIssue(principal, host);
  if (issue !== null) return issue;
  const receivers = actions.filter(({ secrets }) => secrets?.includes(name));
  const higher = receivers.find(({ role = 'operator' }) => !mayAct(principal, role));
  if (higher !== undefined) {
    const detail = `${higher.name} of ${host}, which receives ${name}, needs the role ${higher.role}`;
    return { scope: null, detail };
  }
  const { actions: allowed } = principal.scopes;
  if (allowed === null) return null;
  const foreign = receivers.find((action) => !allowed.includes(action.name));
  if (foreign !== undefined) {
    const detail = `${foreign.name} of ${host} receives ${name}, and is not among the actions of your token`;
    return { scope: 'actions', detail };
  }
  if (receivers.length > 0) return null;
  const detail = `no action of your token receives ${name} on ${host}`;
  return { scope: 'actions', detail };
}
