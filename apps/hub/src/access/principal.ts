import {
  ALL_SCOPES,
  type Credential,
  type HostId,
  includesRole,
  type Role,
  type Scopes,
} from '@booner/protocol';
import type { Context } from 'hono';

/** Who asks, and what they may. */
export type Principal = {
  /** As the audit log shows it; `null`: nobody has signed in. */
  readonly subject: string | null;
  readonly role: Role;
  readonly scopes: Scopes;
  /** What proved it; `null` where nobody must sign in, or for one who has not. */
  readonly credential: Credential | null;
};

declare module 'hono' {
  interface ContextVariableMap {
    /** Absent where everybody may ask and nobody looked who does. */
    principal: Principal;
  }
}

/** Everybody, on a hub that does not want to know who asks. */
export const ANYBODY: Principal = { subject: null, role: 'admin', scopes: ALL_SCOPES, credential: null };

export const principalOfCredential = (credential: Credential): Principal => ({
  subject: credential.subject,
  role: credential.role,
  scopes: credential.scopes,
  credential,
});

/**
 * Who asks, on a route that not everybody may use.
 * @throws Error on another route: it has no such thing
 */
export function principalOf(c: Context): Principal {
  const principal = c.get('principal');
  if (principal === undefined) throw new Error(`nobody looked who asks for ${c.req.path}`);
  return principal;
}

/** Id of the credential behind a request; `null` where sign-in is not required. */
export const credentialIdOf = (c: Context): string | null => principalOf(c).credential?.id ?? null;

/** Name of whoever made something on a hub that does not want to know. */
const NO_NAME = 'anybody';

/** Name of who made something. */
export const creatorName = ({ subject }: Principal): string => subject ?? NO_NAME;

/** Fields of a credential that say who made it. */
export const madeBy = (principal: Principal): Pick<Credential, 'createdBy' | 'madeWithoutSignIn'> => ({
  createdBy: creatorName(principal),
  madeWithoutSignIn: principal.credential === null,
});

/** Tells credentials that were made where nobody had to sign in. Hubs that did not store this stored a maker's name that shows it. */
export const isMadeWithoutSignIn = ({ madeWithoutSignIn, createdBy }: Credential): boolean =>
  madeWithoutSignIn ?? createdBy === NO_NAME;

/**
 * Id of the credential that what a principal makes (a link, an enrolment key) lives and dies with: its token, also when a browser was
 * signed in with that, else its own session. `null`: nobody had to sign in.
 */
export function lastingCredentialId({ credential }: Principal): string | null {
  if (credential === null) return null;
  return credential.kind === 'session' ? (credential.parentId ?? credential.id) : credential.id;
}

/** Whether a principal may do what needs a role. */
export const mayAct = ({ role }: Principal, needed: Role): boolean => includesRole(role, needed);

export type ScopeIssue = { readonly scope: keyof Scopes; readonly detail: string };

/** What keeps a principal from acting on a host; `null`: nothing. */
export function findHostIssue({ scopes }: Principal, host: HostId): ScopeIssue | null {
  if (scopes.hosts === null || scopes.hosts.includes(host)) return null;
  return { scope: 'hosts', detail: `${host} is not among the hosts of your token: ${listed(scopes.hosts)}` };
}

/** What keeps a principal from running or cancelling an action on a host; `null`: nothing. */
export function findScopeIssue(principal: Principal, host: HostId, action: string): ScopeIssue | null {
  const { scopes } = principal;
  const fault = findHostIssue(principal, host);
  if (fault !== null) return fault;
  if (scopes.actions !== null && !scopes.actions.includes(action)) {
    const detail = `${action} is not among the actions of your token: ${listed(scopes.actions)}`;
    return { scope: 'actions', detail };
  }
  return null;
}

/** Whether scopes allow nothing that others do not: what one gives away one has to have. */
export const areWithin = (given: Scopes, own: Scopes): boolean =>
  isWithin(given.hosts, own.hosts) && isWithin(given.actions, own.actions);

const isWithin = (given: readonly string[] | null, own: readonly string[] | null): boolean =>
  own === null || (given?.every((name) => own.includes(name)) ?? false);

/** More names say nothing more to anybody. */
const MAX_NAMES = 10;

function listed(names: readonly string[]): string {
  if (names.length === 0) return 'there are none';
  const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : '';
  return `${names.slice(0, MAX_NAMES).join(', ')}${more}`;
}
