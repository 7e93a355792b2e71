import type { RunnerPresence } from '@booner/protocol';

/**
 * Seals secret parameters so that the one runner alone can read them: a compact JWE (RFC 7516) of their JSON.
 * @returns `null` when the runner's key is none
 */
export async function sealSecrets(
  secrets: Readonly<Record<string, string>>,
  publicKey: RunnerPresence['publicKey'],
): Promise<string | null> {
  const { CompactEncrypt, importJWK } = await import('jose'); // only hubs whose actions take secrets need to hold it
  const plaintext = new TextEncoder().encode(JSON.stringify(secrets));
  const header = { alg: 'ECDH-ES+A256KW', enc: 'A256GCM' } as const;
  try {
    const key = await importJWK({ ...publicKey }, header.alg);
    return await new CompactEncrypt(plaintext).setProtectedHeader(header).encrypt(key);
  } catch {
    return null; // what the runner presented is no point of the curve; the caller says so
  }
}
