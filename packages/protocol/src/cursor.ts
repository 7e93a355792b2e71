declare const cursorBrand: unique symbol;

/**
 * A position in the task event stream or in a task's log: the id of a Redis stream entry
 * (`1732345678901-0`), valid on every hub.
 */
export type Cursor = string & { readonly [cursorBrand]: true };

const NUMBER = /(?:0|[1-9]\d{0,18})/.source;
/** A position has one spelling only: Redis takes some others, and not everywhere. */
const CURSOR = new RegExp(`^${NUMBER}-${NUMBER}$`);

/** Before the first entry. */
export const START_CURSOR = '0-0' as Cursor;

/** Returns `null` if the text is not a cursor. */
export const parseCursor = (text: string): Cursor | null => (CURSOR.test(text) ? (text as Cursor) : null);

/** Negative if `a` comes first, 0 if both are the same position. */
export function compareCursors(a: Cursor, b: Cursor): number {
  const [aMs = '0', aCount = '0'] = a.split('-');
  const [bMs = '0', bCount = '0'] = b.split('-');
  return Number(aMs) - Number(bMs) || Number(aCount) - Number(bCount);
}
