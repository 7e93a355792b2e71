import {
  ALL_SCOPES,
  type Credential,
  type HostId,
  includesRole,
  MAX_SUBJECT_CHARACTERS,
  type Role,
  type Scopes,
} from '@booner/protocol';
import type { Context } from 'hono';

/** The identity behind a request, and what it may do. */
export type Principal = {
  /** Identity in the audit log: see {@link auditSubject}. `null`: not signed in. */
  readonly subject: string | null;
  readonly role: Role;
  readonly scopes: Scopes;
  /** Credential that proved it; `null`: not signed in, on a hub that does not require it. */
  readonly credential: Credential | null;
};

declare module 'hono' {
  interface ContextVariableMap {
    /** Absent on public routes. */
    principal: Principal;
  }
}

/** Every client of a hub that does not require sign-in. */
export const ANYBODY: Principal = { subject: null, role: 'admin', scopes: ALL_SCOPES, credential: null };

/**
 * Identity of a credential for the audit log and for creators: an id, a space and the name. Names
 * are chosen freely, so the name alone could be that of anybody. A browser that signed in with a
 * token has the id of the token, which outlives its sessions.
 */
export const auditSubject = (credential: Credential): string =>
  `${lastingIdOf(credential)} ${credential.subject}`.slice(0, MAX_SUBJECT_CHARACTERS);

export const principalOfCredential = (credential: Credential): Principal => ({
  subject: auditSubject(credential),
  role: credential.role,
  scopes: credential.scopes,
  credential,
});

/**
 * The principal of a request.
 * @throws Error on public routes, which have none
 */
export function principalOf(c: Context): Principal {
  const principal = c.get('principal');
  if (principal === undefined) throw new Error(`${c.req.path} is a public route and has no principal`);
  return principal;
}

/** Name of creators on a hub that does not require sign-in. */
const NO_NAME = 'anybody';

/** Identity of a principal as a creator: see {@link auditSubject}. */
export const creatorName = ({ subject }: Principal): string => subject ?? NO_NAME;

/** Fields of a credential that name its creator. */
export const madeBy = (principal: Principal): Pick<Credential, 'createdBy' | 'madeWithoutSignIn'> => ({
  createdBy: creatorName(principal),
  madeWithoutSignIn: principal.credential === null,
});

/**
 * Detects credentials that were created on a hub that did not require sign-in. Earlier hubs did not
 * store this, but the creator's name shows it.
 */
export const isMadeWithoutSignIn = ({ madeWithoutSignIn, createdBy }: Credential): boolean =>
  madeWithoutSignIn ?? createdBy === NO_NAME;

/**
 * Id of the credential with which a principal's links and enrolment keys end: its token, even if a
 * browser signed in with that, or else its session. `null`: sign-in is not required.
 */
export const lastingCredentialId = ({ credential }: Principal): string | null =>
  credential === null ? null : lastingIdOf(credential);

const lastingIdOf = ({ kind, id, parentId }: Credential): string =>
  kind === 'session' ? (parentId ?? id) : id;

/** Checks that a principal has a role, or a higher one. */
export const mayAct = ({ role }: Principal, needed: Role): boolean => includesRole(role, needed);

export type ScopeIssue = { readonly scope: keyof Scopes; readonly detail: string };

/** Checks that scopes limit nothing. */
export const areUnlimited = ({ hosts, actions }: Scopes): boolean => hosts === null && actions === null;

/**
 * Finds out why a principal may not act on a host; `null`: it may.
 * @param host `null`: what concerns the whole fleet
 */
export function findHostIssue({ scopes }: Principal, host: HostId | null): ScopeIssue | null {
  if (scopes.hosts === null || (host !== null && scopes.hosts.includes(host))) return null;
  return {
    scope: 'hosts',
    detail: `${host ?? 'It'} is not among the hosts of your token: ${listed(scopes.hosts)}`,
  };
}

/** Finds out why a principal may not run or cancel an action on a host; `null`: it may. */
export function findScopeIssue(principal: Principal, host: HostId, action: string): ScopeIssue | null {
  const { scopes } = principal;
  const issue = findHostIssue(principal, host);
  if (issue !== null) return issue;
  if (scopes.actions !== null && !scopes.actions.includes(action)) {
    const detail = `${action} is not among the actions of your token: ${listed(scopes.actions)}`;
    return { scope: 'actions', detail };
  }
  return null;
}

/** Checks that scopes allow nothing beyond others: nobody may grant more than they have. */
export const areWithin = (given: Scopes, own: Scopes): boolean =>
  isWithin(given.hosts, own.hosts) &&
  isWithin(given.actions, own.actions) &&
  (own.reads === null || own.reads === given.reads);

const isWithin = (given: readonly string[] | null, own: readonly string[] | null): boolean =>
  own === null || (given?.every((name) => own.includes(name)) ?? false);

/** Names listed in an answer; further ones are only counted. */
const MAX_NAMES = 10;

function listed(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : '';
  return `${names.slice(0, MAX_NAMES).join(', ')}${more}`;
}
