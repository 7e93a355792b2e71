/** Limits on depth and size of untrusted JSON, checked before it is stored, copied or forwarded. */
export type JsonBounds = { readonly maxBytes: number; readonly maxDepth: number };

export const PARAMS_BOUNDS: JsonBounds = { maxBytes: 16 * 1024, maxDepth: 8 };
export const RESULT_BOUNDS: JsonBounds = { maxBytes: 16 * 1024, maxDepth: 16 };

/** Limits of one parameter of type `json`, which is nested in the object of all parameters. */
export const JSON_PARAMETER_BOUNDS: JsonBounds = {
  maxBytes: PARAMS_BOUNDS.maxBytes,
  maxDepth: PARAMS_BOUNDS.maxDepth - 1,
};

/** Returns the issue with a value, or `null`. `maxBytes` counts its compact UTF-8 text. */
export function findJsonIssue(value: unknown, { maxBytes, maxDepth }: JsonBounds): string | null {
  // Serializing a deeper value could overflow the stack.
  if (!isWithinDepth(value, maxDepth)) return `is nested deeper than ${maxDepth} levels`;
  const bytes = new TextEncoder().encode(JSON.stringify(value)).length;
  return bytes > maxBytes ? `has ${bytes} bytes as JSON; at most ${maxBytes} are allowed` : null;
}

/** Iterates level by level. Recursion could overflow on the very values that it must reject. */
function isWithinDepth(value: unknown, maxDepth: number): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxDepth) return false;
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []));
  }
  return true;
}
