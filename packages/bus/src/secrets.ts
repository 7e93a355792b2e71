import { createHash, randomBytes } from 'node:crypto';
import type { Sha256 } from '@booner/protocol';
import type { SecretPrefix } from '@booner/protocol/secret-texts';

const SECRET_BYTES = 32;

/**
 * What is stored in place of a secret. A plain hash suffices: 32 random bytes cannot be guessed, however fast the guesses. And who
 * looks a secret up by its hash compares no secret, so that the time of the look-up tells nothing of one.
 */
export const hashSecret = (text: string): Sha256 => createHash('sha256').update(text).digest('hex') as Sha256;

/** A new secret: its text, to be shown once, and its hash, to be kept. */
export function newSecret(prefix: SecretPrefix): { readonly text: string; readonly hash: Sha256 } {
  const text = `${prefix}${randomBytes(SECRET_BYTES).toString('base64url')}`;
  return { text, hash: hashSecret(text) };
}
