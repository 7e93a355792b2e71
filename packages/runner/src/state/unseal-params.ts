import { type JsonObject, jsonObjectSchema, PARAMS_BOUNDS, type TaskOffer } from '@booner/protocol';
import { compactDecrypt, errors, importJWK } from 'jose';
import type { Identity } from './identity.ts';

type Unsealed =
  | { readonly ok: true; readonly params: JsonObject }
  | { readonly ok: false; readonly reason: string };

export type UnsealParams = (offer: Pick<TaskOffer, 'task' | 'action' | 'sealedParams'>) => Promise<Unsealed>;

const sealedSchema = jsonObjectSchema(PARAMS_BOUNDS);
const WRONG_SHAPE = 'the secret parameters are not a JSON object';

/**
 * Creates a function that opens secret parameters: a compact JWE (RFC 7516) with exactly the
 * algorithms that runners offer. Parameters that were sealed for another task or action are
 * refused; hubs before 0.2 do not say what they are for.
 */
export async function createUnsealParams({ privateKey }: Identity): Promise<UnsealParams> {
  const key = await importJWK(privateKey, 'ECDH-ES+A256KW');
  return async ({ task, action, sealedParams: sealed }) => {
    if (sealed === null) return { ok: true, params: {} };
    try {
      const { plaintext, protectedHeader } = await compactDecrypt(sealed, key, {
        keyManagementAlgorithms: ['ECDH-ES+A256KW'],
        contentEncryptionAlgorithms: ['A256GCM'],
      });
      const meant = { task, action, ...protectedHeader };
      if (meant.task !== task || meant.action !== action) {
        return { ok: false, reason: 'the secret parameters were sealed for another task' };
      }
      const { data } = sealedSchema.safeParse(JSON.parse(new TextDecoder().decode(plaintext)));
      return data === undefined ? { ok: false, reason: WRONG_SHAPE } : { ok: true, params: data };
    } catch (error) {
      if (error instanceof SyntaxError) return { ok: false, reason: WRONG_SHAPE };
      // jose does not distinguish a wrong key from a damaged text.
      if (error instanceof errors.JOSEError)
        return {
          ok: false,
          reason: 'the secret parameters cannot be opened: they were sealed for another runner',
        };
      throw error;
    }
  };
}
