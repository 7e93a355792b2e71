import { hkdfSync } from 'node:crypto';

/** What is sealed, by kind and name: what is sealed for one thing opens for no other. */
export type Sealing = {
  readonly kind: 'channel' | 'hook';
  readonly name: string;
  readonly key: Uint8Array;
};

const KEY_BYTES = 32;

/** Loaded on demand: many hubs seal nothing. */
const loadJose = () => import('jose');

/** Derives the key that secrets are sealed with (HKDF-SHA256, RFC 5869). */
export const sealingKeyOf = (secret: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', secret, '', 'booner alert channels', KEY_BYTES));

/** Seals a value as a compact JWE (RFC 7516; `dir`, A256GCM). Each sealing is a new text. */
export async function seal(value: unknown, { kind, name, key }: Sealing): Promise<string> {
  const { CompactEncrypt } = await loadJose();
  return new CompactEncrypt(new TextEncoder().encode(JSON.stringify(value)))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', [kind]: name })
    .encrypt(key);
}

/**
 * Opens a sealed value; `null`: it was sealed with another key, or for something else. A change of
 * a single bit is noticed.
 */
export async function unseal(
  sealed: string,
  { kind, name, key }: Sealing,
): Promise<{ readonly value: unknown } | null> {
  const { compactDecrypt, errors } = await loadJose();
  try {
    const { plaintext, protectedHeader } = await compactDecrypt(sealed, key, {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    });
    if (protectedHeader[kind] !== name) return null;
    return { value: JSON.parse(new TextDecoder().decode(plaintext)) };
  } catch (error) {
    if (error instanceof errors.JOSEError) return null;
    throw error;
  }
}
