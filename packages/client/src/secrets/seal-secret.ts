import { SECRET_ALGORITHMS } from '@booner/protocol/secret-value';

export type SealFor = {
  /** Name of the secret. */
  readonly name: string;
  readonly host: string;
  /** The `x` of the public key of the host's runner. */
  readonly runnerKey: string;
};

/** Returns true if secrets can be sealed. Browsers encrypt only in pages of HTTPS and localhost. */
export const canSeal = (): boolean => globalThis.crypto?.subtle !== undefined;

/**
 * Seals the value of a secret, so that only one runner can open it: a compact JWE (RFC 7516). Its
 * protected header says which secret of which host it is.
 */
export async function sealSecret(value: string, { name, host, runnerKey }: SealFor): Promise<string> {
  // Loaded on demand: pages that set no secret do not need it.
  const { CompactEncrypt, importJWK } = await import('jose');
  const key = await importJWK({ kty: 'OKP', crv: 'X25519', x: runnerKey }, SECRET_ALGORITHMS.alg);
  return new CompactEncrypt(new TextEncoder().encode(value))
    .setProtectedHeader({ ...SECRET_ALGORITHMS, secret: name, host })
    .encrypt(key);
}
