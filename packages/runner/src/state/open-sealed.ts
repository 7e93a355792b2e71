import { SECRET_ALGORITHMS } from '@booner/protocol/secret-value';
import { type CompactJWEHeaderParameters, compactDecrypt, errors, importJWK } from 'jose';
import type { Identity } from './identity.ts';

type Opened = { readonly text: string; readonly header: CompactJWEHeaderParameters };

/**
 * Opens what was sealed for this runner; `null` if it was not, or is damaged: jose does not
 * distinguish the two.
 */
export type OpenSealed = (sealed: string) => Promise<Opened | null>;

/**
 * Creates a function that opens a compact JWE (RFC 7516) with exactly the algorithms that runners
 * offer.
 */
export async function createOpenSealed({ privateKey }: Identity): Promise<OpenSealed> {
  const { alg, enc } = SECRET_ALGORITHMS;
  const key = await importJWK(privateKey, alg);
  const options = { keyManagementAlgorithms: [alg], contentEncryptionAlgorithms: [enc] };
  return async (sealed) => {
    try {
      const { plaintext, protectedHeader } = await compactDecrypt(sealed, key, options);
      return { text: new TextDecoder().decode(plaintext), header: protectedHeader };
    } catch (error) {
      if (error instanceof errors.JOSEError) return null;
      throw error;
    }
  };
}
