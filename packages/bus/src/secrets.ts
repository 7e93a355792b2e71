import { createHash, randomBytes } from 'node:crypto';
import type { Sha256 } from '@booner/protocol';
import type { SecretPrefix } from '@booner/protocol/secret-texts';

const SECRET_BYTES = 32;

/**
 * Returns what is stored in place of a secret. A plain hash is enough: 32 random bytes cannot be
 * guessed, however fast the guesses. A look-up by hash compares no secrets, so its duration reveals
 * nothing about them.
 */
export const hashSecret = (text: string): Sha256 => createHash('sha256').update(text).digest('hex') as Sha256;

/** Returns a new secret: its text, to be shown once, and its hash, to be stored. */
export function newSecret(prefix: SecretPrefix): { readonly text: string; readonly hash: Sha256 } {
  const text = `${prefix}${randomBytes(SECRET_BYTES).toString('base64url')}`;
  return { text, hash: hashSecret(text) };
}
