import { type StoredSecret, sealedSecretSchema, storedSecretSchema } from '@booner/protocol';
import type { SealedSecret, SecretPlace } from './secret-ports.ts';
import { named, type Reading, readValue, reject } from './stored-values.ts';

/** Field of a secret in both hashes. Neither part contains a space. */
export const secretField = ({ name, host }: SecretPlace): string => `${name} ${host}`;

/** Parses an entry of the hash of where secrets are set. */
export function readStoredSecret(field: string, text: string): Reading<StoredSecret> {
  const what = `the secret ${field}`;
  const reading = named(what, readValue(null, Buffer.from(text), storedSecretSchema));
  if (!reading.ok || secretField(reading.value) === field) return reading;
  return reject('wrong_shape', null, `${what} is stored under the name of another one`);
}

/**
 * Parses a sealed secret.
 * @param stored where it is set
 */
export function readSealedSecret(
  { host, runnerKey, name }: StoredSecret,
  text: string | null,
): Reading<SealedSecret> {
  const sealed = sealedSecretSchema.safeParse(text).data;
  if (sealed === undefined) return reject('wrong_shape', host, `the sealed secret ${name} is not a JWE`);
  return { ok: true, value: { host, runnerKey, sealed } };
}
