/**
 * Trace context of a request (https://www.w3.org/TR/trace-context/#traceparent-header). This module
 * depends on nothing, so that pages can import it without zod.
 */

/** Form of a `traceparent` of version 00, which always has 55 characters. */
export const TRACEPARENT_PATTERN = '^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$';

const VERSION_00 = new RegExp(TRACEPARENT_PATTERN);
/** A later version may have more fields, of which this one knows nothing. */
const LATER_VERSION = /^(?!00|ff)[0-9a-f]{2}(-[0-9a-f]{32}-[0-9a-f]{16}-)([0-9a-f]{2})(?:-.*)?$/;
/** The only flag of version 00. */
const SAMPLED = 1;

/**
 * Parses the value of a `traceparent` header. A later version is turned into version 00, with its
 * sampled flag alone, as the specification demands.
 * @returns a value of version 00; `null` for one that is absent or invalid, which is to be ignored
 */
export function parseTraceparent(text: string | undefined): string | null {
  if (text === undefined) return null;
  const [, ids, flags] = LATER_VERSION.exec(text) ?? [];
  const known = ids && flags ? `00${ids}0${Number.parseInt(flags, 16) & SAMPLED}` : text;
  return VERSION_00.test(known) ? known : null;
}
