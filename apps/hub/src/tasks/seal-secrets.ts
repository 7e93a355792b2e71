import type { RunnerPresence, TaskId } from '@booner/protocol';

/** What secret parameters are sealed for: who takes them out of the queue cannot have them used for anything else. */
export type SealedFor = { readonly task: TaskId; readonly action: string };

/**
 * Seals secret parameters so that the one runner alone can read them: a compact JWE (RFC 7516) of their JSON. Its protected header
 * names task and action; a runner before 0.2 does not look at them.
 * @returns `null` when the runner's key is none
 */
export async function sealSecrets(
  secrets: Readonly<Record<string, string>>,
  publicKey: RunnerPresence['publicKey'],
  { task, action }: SealedFor,
): Promise<string | null> {
  const { CompactEncrypt, importJWK } = await import('jose'); // only hubs whose actions take secrets need to hold it
  const plaintext = new TextEncoder().encode(JSON.stringify(secrets));
  const header = { alg: 'ECDH-ES+A256KW', enc: 'A256GCM', task, action } as const;
  try {
    const key = await importJWK({ ...publicKey }, header.alg);
    return await new CompactEncrypt(plaintext).setProtectedHeader(header).encrypt(key);
  } catch {
    return null; // what the runner presented is no point of the curve; the caller says so
  }
}
