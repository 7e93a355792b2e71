import { z } from 'zod';

const MAX_CHARACTERS = 300;
const POINTER = /^(?:\/(?:[^~/]|~[01])*)+$/;

/** A JSON pointer (RFC 6901) to a place inside a document, such as `/commits/0/id`. */
export const jsonPointerSchema = z
  .string()
  .max(MAX_CHARACTERS)
  .regex(POINTER, 'must be a JSON pointer, such as "/ref" or "/commits/0/id"');

/**
 * Returns the value that a pointer names in a document; `undefined`: there is none. Inherited
 * properties do not count.
 */
export function valueAt(document: unknown, pointer: string): unknown {
  let value = document;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    if (Array.isArray(value) && !/^(?:0|[1-9]\d*)$/.test(key)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}
