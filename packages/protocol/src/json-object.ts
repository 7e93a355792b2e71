import { z } from 'zod';

/** Depth and size of a document that somebody else made, bounded before it is kept, copied or sent on. */
export type JsonBounds = { readonly maxBytes: number; readonly maxDepth: number };

export const PARAMS_BOUNDS: JsonBounds = { maxBytes: 16 * 1024, maxDepth: 8 };
export const RESULT_BOUNDS: JsonBounds = { maxBytes: 16 * 1024, maxDepth: 16 };

export type JsonObject = { readonly [key: string]: z.core.util.JSONType };

/** A JSON object within bounds; `maxBytes` is of its UTF-8 text. */
export const jsonObjectSchema = ({ maxBytes, maxDepth }: JsonBounds) =>
  z.custom<JsonObject>(isPlainObject, { error: 'must be a JSON object' }).superRefine((value, context) => {
    if (!isWithinDepth(value, maxDepth)) {
      context.addIssue({ code: 'custom', message: `is nested deeper than ${maxDepth} levels` });
      return; // the text of a deeper one might overflow the stack
    }
    const bytes = new TextEncoder().encode(JSON.stringify(value)).length;
    if (bytes > maxBytes) {
      context.addIssue({
        code: 'custom',
        message: `has ${bytes} bytes as JSON; at most ${maxBytes} are kept`,
      });
    }
  });

const isPlainObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Iterates level by level: a recursive walk would itself overflow on what it has to refuse. */
function isWithinDepth(value: unknown, maxDepth: number): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxDepth) return false;
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []));
  }
  return true;
}
