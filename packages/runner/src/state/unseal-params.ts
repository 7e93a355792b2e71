import { type JsonObject, jsonObjectSchema, PARAMS_BOUNDS, type TaskOffer } from '@booner/protocol';
import type { OpenSealed } from './open-sealed.ts';

type Unsealed =
  | { readonly ok: true; readonly params: JsonObject }
  | { readonly ok: false; readonly reason: string };

export type UnsealParams = (offer: Pick<TaskOffer, 'task' | 'action' | 'sealedParams'>) => Promise<Unsealed>;

const sealedSchema = jsonObjectSchema(PARAMS_BOUNDS);
const WRONG_SHAPE = 'the secret parameters are not a JSON object';

/**
 * Creates a function that opens secret parameters: sealed JSON. Parameters that were sealed for
 * another task or action are refused; hubs before 0.2 do not say what they are for.
 */
export const createUnsealParams =
  (open: OpenSealed): UnsealParams =>
  async ({ task, action, sealedParams: sealed }) => {
    if (sealed === null) return { ok: true, params: {} };
    const opened = await open(sealed);
    if (opened === null) {
      const reason = 'the secret parameters cannot be opened: they were sealed for another runner';
      return { ok: false, reason };
    }
    const meant = { task, action, ...opened.header };
    if (meant.task !== task || meant.action !== action) {
      return { ok: false, reason: 'the secret parameters were sealed for another task' };
    }
    try {
      const { data } = sealedSchema.safeParse(JSON.parse(opened.text));
      return data === undefined ? { ok: false, reason: WRONG_SHAPE } : { ok: true, params: data };
    } catch (error) {
      if (error instanceof SyntaxError) return { ok: false, reason: WRONG_SHAPE };
      throw error;
    }
  };
