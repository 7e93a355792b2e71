import type { Context } from 'hono';
import { principalOf } from '../../access/principal.ts';
import { outOfScope } from '../../access/scope-answer.ts';
import type { Readable } from '../../ws/readable.ts';

/** Hosts that a setting can concern; `null`: any. */
export type Reach = ReadonlySet<string> | null;

const has = (readable: Readable, host: string): boolean =>
  readable.has(host as Parameters<Readable['has']>[0]);

/** Returns false for a setting that only names hosts which may not be read: it does not exist. */
export const isShown = (reach: Reach, readable: Readable): boolean =>
  readable.key === null ||
  reach === null ||
  reach.size === 0 ||
  [...reach].some((host) => has(readable, host));

/**
 * Answers 403 to a change of a setting that could concern hosts outside the scopes of the
 * credential: a silence of an operator with some hosts must not mute others.
 * @param pointer JSON pointer to what names the hosts in the body; `null`: it is not in the body
 * @returns `null` if it is within them
 */
export function unlessWithinScopes(
  c: Context,
  reach: Reach,
  readable: Readable,
  pointer: string | null,
): Response | null {
  const { hosts } = principalOf(c).scopes;
  if (hosts === null && readable.key === null) return null;
  const isWithin = (host: string) =>
    (hosts?.includes(host as (typeof hosts)[number]) ?? true) && has(readable, host);
  if (reach !== null && [...reach].every(isWithin)) return null;
  const scope = hosts === null ? 'reads' : 'hosts';
  const detail =
    'It can concern hosts outside the scopes of your token. Name hosts within them, as in host=10.0.0.2';
  return outOfScope(c, { scope, detail }, pointer);
}
