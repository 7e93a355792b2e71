import type { RunnerPresence, TaskId } from '@booner/protocol';

/**
 * The task and action that secret parameters are sealed for, so that a copy from the queue is
 * useless for any other.
 */
export type SealedFor = { readonly task: TaskId; readonly action: string };

/**
 * Seals secret parameters for one runner: a compact JWE (RFC 7516) of their JSON. Its protected
 * header names task and action; a runner before 0.2 does not check them.
 * @returns `null` if the runner's key is invalid
 */
export async function sealSecrets(
  secrets: Readonly<Record<string, string>>,
  publicKey: RunnerPresence['publicKey'],
  { task, action }: SealedFor,
): Promise<string | null> {
  // Loaded on demand: only hubs whose actions take secrets need it.
  const { CompactEncrypt, importJWK } = await import('jose');
  const plaintext = new TextEncoder().encode(JSON.stringify(secrets));
  const header = { alg: 'ECDH-ES+A256KW', enc: 'A256GCM', task, action } as const;
  try {
    const key = await importJWK({ ...publicKey }, header.alg);
    return await new CompactEncrypt(plaintext).setProtectedHeader(header).encrypt(key);
  } catch {
    return null; // the runner's key is not a point of the curve; the caller reports it
  }
}
