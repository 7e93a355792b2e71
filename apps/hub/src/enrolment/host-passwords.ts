import { createHmac } from 'node:crypto';
import type { HostRole } from '@booner/protocol';

/**
 * Source of a password: the key, which the hub does not store, and the salt, which is never shown
 * and is deleted when the key is used.
 */
export type PasswordSource = { readonly key: string; readonly salt: string };

/**
 * Derives a Redis password: base64url(HMAC-SHA256(key, role ":" salt)). Users can be created when a
 * host is added, with the SHA-256 of their passwords; no password is stored until the host requests
 * it with the key. The key alone is not enough, because the install command stays in the history of
 * a shell and in the journal of sudo.
 */
export const hostPassword = ({ key, salt }: PasswordSource, role: HostRole): string =>
  createHmac('sha256', key).update(`${role}:${salt}`).digest('base64url');
