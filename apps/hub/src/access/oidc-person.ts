import { highestRole, MAX_SUBJECT_CHARACTERS, type Role, visibleText } from '@booner/protocol';
import type { GroupRole } from '../config/oidc-config.ts';

/** Claims of an identity provider about a person. */
export type Claims = Readonly<Record<string, unknown>> & { readonly sub: string };

/**
 * Returns a person's name for the audit log: the email address, else the user name, else the
 * provider's id. An address that the provider marks as unverified is skipped: it may be somebody
 * else's.
 */
export function subjectOf(claims: Claims): string {
  const { email, email_verified: isVerified, preferred_username: userName, sub } = claims;
  const candidates = [isVerified === false ? null : email, userName, sub];
  const subjects = candidates.map((name) => (typeof name === 'string' ? visible(name) : ''));
  return subjects.find((name) => name !== '') ?? 'nameless';
}

/** Returns true if the claims name a person by more than the provider's id. */
export const hasName = ({ email, preferred_username: userName }: Claims): boolean =>
  typeof email === 'string' || typeof userName === 'string';

/**
 * Returns when the person proved to the provider who they are, in Unix milliseconds and not later
 * than now. 0: the provider does not say. A browser that the provider knows proves nothing.
 */
export function confirmedAtMsOf({ auth_time: atSeconds }: Claims): number {
  if (typeof atSeconds !== 'number' || !(atSeconds >= 0)) return 0;
  return Math.min(Date.now(), Math.round(atSeconds * 1000));
}

/** Removes characters that could manipulate a log or a terminal. */
const visible = (name: string): string => visibleText(name).trim().slice(0, MAX_SUBJECT_CHARACTERS);

/** Returns the highest role that the groups grant; `null` if they grant none. */
export function roleOf(groups: readonly string[], roles: readonly GroupRole[]): Role | null {
  const given = new Set(groups);
  return highestRole(roles.filter(({ group }) => group === '*' || given.has(group)).map(({ role }) => role));
}

/**
 * Returns the groups in a claim, which is a list of names or one name. The claim's name may be a
 * path into objects, such as Keycloak's `realm_access.roles`. `null`: the claim is missing here,
 * and may be in the user info.
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
