import { markOf, markOfTask } from '@booner/bus/host-tasks';
import { type AuditEntry, parseTaskId } from '@booner/protocol';
import { areUnlimited, lastingCredentialId, type Principal } from './principal.ts';

/** Verbs of events whose target is a host, or a task of a host. */
const ABOUT_HOSTS = /^(?:target|task|alert)\./;

/**
 * Returns which audit events a principal with scopes may read: those about its hosts and their
 * tasks, and those of its own token with the sessions of that token. `null`: all events.
 */
export function auditFilterOf(principal: Principal): ((entry: AuditEntry) => boolean) | null {
  const { scopes, credential } = principal;
  if (areUnlimited(scopes)) return null;
  const ownSubject = `${lastingCredentialId(principal)} `;
  const hosts: ReadonlySet<string> = new Set(scopes.hosts);
  const marks = new Set(scopes.hosts?.map(markOf));
  const isAboutOwnHost = (target: string): boolean => {
    const task = parseTaskId(target);
    return hosts.has(target) || (task !== null && marks.has(markOfTask(task)));
  };
  return ({ subject, credentialId, verb, target }) => {
    if (subject?.startsWith(ownSubject) || credentialId === credential?.id) return true;
    if (target === null || !ABOUT_HOSTS.test(verb)) return false;
    return scopes.hosts === null || isAboutOwnHost(target);
  };
}
