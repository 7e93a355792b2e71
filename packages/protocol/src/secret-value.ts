import { MAX_SECRET_BYTES } from './limits.ts';

/** Algorithms of sealed secrets, for both sides. */
export const SECRET_ALGORITHMS = { alg: 'ECDH-ES+A256KW', enc: 'A256GCM' } as const;

/** Name of a secret. It becomes an environment variable, hence the alphabet. */
export const SECRET_NAME = /^[a-z][a-z0-9-]{0,63}$/;
export const NOT_A_SECRET_NAME = 'must be 1 to 64 of a-z, 0-9 and "-", and start with a letter';

/** Environment variable that a process receives a secret in. */
export const secretVariable = (name: string): string =>
  `BOONER_SECRET_${name.toUpperCase().replaceAll('-', '_')}`;

/**
 * Returns why a text cannot be the value of a secret, as a sentence without its subject; `null`: it
 * can. Messages never quote the value.
 */
export function findSecretIssue(value: string): string | null {
  if (value === '') return 'must not be empty';
  if (new TextEncoder().encode(value).length > MAX_SECRET_BYTES)
    return `must have at most ${MAX_SECRET_BYTES} bytes`;
  if (!value.isWellFormed()) return 'must be valid Unicode';
  // Line breaks and tabs occur in keys and certificates.
  if (/[^\P{Cc}\t\n\r]/u.test(value)) return 'must not contain control characters';
  return null;
}
