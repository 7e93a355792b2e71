import { highestRole, type Role, visibleText } from '@booner/protocol';
import type { GroupRole } from '../config/oidc-config.ts';

/** What an identity provider says of a person. */
export type Claims = Readonly<Record<string, unknown>> & { readonly sub: string };

const MAX_SUBJECT = 320;

/**
 * What the audit log calls a person: the address, unless the provider says that nobody checked whose it is (then anybody could take
 * another's name), else the user name, else the provider's own id.
 */
export function subjectOf(claims: Claims): string {
  const { email, email_verified: isVerified, preferred_username: userName, sub } = claims;
  const candidates = [isVerified === false ? null : email, userName, sub];
  const subjects = candidates.map((name) => (typeof name === 'string' ? visible(name) : ''));
  return subjects.find((name) => name !== '') ?? 'nameless';
}

/** Whether there is more to call a person by than the provider's own id. */
export const hasName = ({ email, preferred_username: userName }: Claims): boolean =>
  typeof email === 'string' || typeof userName === 'string';

/** Without what would deface a log or a terminal. */
const visible = (name: string): string => visibleText(name).trim().slice(0, MAX_SUBJECT);

/** The highest role that the groups give; `null`: none gives any. */
export function roleOf(groups: readonly string[], roles: readonly GroupRole[]): Role | null {
  const given = new Set(groups);
  return highestRole(roles.filter(({ group }) => group === '*' || given.has(group)).map(({ role }) => role));
}

/**
 * The groups in a claim: a list of names, or one name. The claim's name may be a path into objects, as Keycloak's
 * `realm_access.roles`. `null`: there is no such claim, so that it may stand elsewhere.
 */
export function groupsOf(claims: Readonly<Record<string, unknown>>, claim: string): readonly string[] | null {
  const value = claims[claim] ?? claim.split('.').reduce<unknown>(memberOf, claims);
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((group) => typeof group === 'string') : null;
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
