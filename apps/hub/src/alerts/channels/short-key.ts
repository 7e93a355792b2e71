import { createHash } from 'node:crypto';

/**
 * Returns a key of 32 characters of the URL alphabet for an id: idempotency keys of some services
 * have no more.
 */
export const shortKey = (id: string): string =>
  createHash('sha256').update(id).digest('base64url').slice(0, 32);
