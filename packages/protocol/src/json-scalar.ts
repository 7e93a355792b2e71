/** A JSON value without parts. */
export type JsonScalar = string | number | boolean | null;

/**
 * Reads a value as people type it: numbers, `true`, `false`, `null` and texts in quotes are JSON.
 * All else is a text as it is.
 */
export function readScalar(text: string): JsonScalar {
  try {
    const value: unknown = JSON.parse(text);
    // An object, a list, and a number that is too large stay texts.
    const isScalar =
      value === null || (typeof value === 'number' ? Number.isFinite(value) : typeof value !== 'object');
    return isScalar ? (value as JsonScalar) : text;
  } catch {
    return text;
  }
}

/** Writes a value so that `readScalar` reads it. */
export const scalarText = (value: JsonScalar): string =>
  typeof value === 'string' && readScalar(value) === value ? value : JSON.stringify(value);
