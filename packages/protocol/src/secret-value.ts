import { MAX_SECRET_BYTES } from './limits.ts';

/** Algorithms of sealed secrets, for both sides. */
export const SECRET_ALGORITHMS = { alg: 'ECDH-ES+A256KW', enc: 'A256GCM' } as const;

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
