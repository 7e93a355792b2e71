import { createHmac } from 'node:crypto';

/** What a host runs that logs in to Redis. */
export type HostRole = 'agent' | 'runner';

/**
 * The password at Redis that an enrolment key stands for: base64url(HMAC-SHA256(key, role)). So the users can be made when the host is
 * added, by their passwords' SHA-256, and no password lies anywhere until the host asks for it with the key.
 */
export const hostPassword = (key: string, role: HostRole): string =>
  createHmac('sha256', key).update(role).digest('base64url');
