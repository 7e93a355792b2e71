import { createHmac } from 'node:crypto';

/** What a host runs that logs in to Redis. */
export type HostRole = 'agent' | 'runner';

/** What a password is made of: the key, which the hub does not keep, and the salt, which nobody is told and which goes when the key is used. */
export type PasswordSource = { readonly key: string; readonly salt: string };

/**
 * The password at Redis that an enrolment stands for: base64url(HMAC-SHA256(key, role ":" salt)). So the users can be made when the host
 * is added, by their passwords' SHA-256, and no password lies anywhere until the host asks for it with the key. The key alone gives none:
 * the line that it is pasted in stays in the history of a shell and in the journal of sudo.
 */
export const hostPassword = ({ key, salt }: PasswordSource, role: HostRole): string =>
  createHmac('sha256', key).update(`${role}:${salt}`).digest('base64url');
