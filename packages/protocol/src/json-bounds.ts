/**
 * Depth and size of a document that somebody else made, bounded before it is kept, copied or sent
 * on.
 */
export type JsonBounds = { readonly maxBytes: number; readonly maxDepth: number };

export const PARAMS_BOUNDS: JsonBounds = { maxBytes: 16 * 1024, maxDepth: 8 };
export const RESULT_BOUNDS: JsonBounds = { maxBytes: 16 * 1024, maxDepth: 16 };

/** Bounds of one parameter of type `json`, which lies in the object of all parameters. */
export const JSON_PARAMETER_BOUNDS: JsonBounds = {
  maxBytes: PARAMS_BOUNDS.maxBytes,
  maxDepth: PARAMS_BOUNDS.maxDepth - 1,
};

/** @returns what is wrong with a value, or `null`; `maxBytes` is of its compact UTF-8 text */
export function faultOfJson(value: unknown, { maxBytes, maxDepth }: JsonBounds): string | null {
  // The text of a deeper one might overflow the stack.
  if (!isWithinDepth(value, maxDepth)) return `is nested deeper than ${maxDepth} levels`;
  const bytes = new TextEncoder().encode(JSON.stringify(value)).length;
  return bytes > maxBytes ? `has ${bytes} bytes as JSON; at most ${maxBytes} are kept` : null;
}

/** Iterates level by level: a recursive walk would itself overflow on what it has to refuse. */
function isWithinDepth(value: unknown, maxDepth: number): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxDepth) return false;
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []));
  }
  return true;
}
