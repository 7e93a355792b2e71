/**
 * Returns `before` if it has the same members as `next`, so that the object stays the same, else
 * `next`. For arrays and plain objects.
 */
export function keepSame<T>(before: T | null | undefined, next: T): T {
  if (!isObject(before) || !isObject(next)) return next;
  const names = Object.keys(next);
  const isSame =
    names.length === Object.keys(before).length &&
    names.every((name) => Object.hasOwn(before, name) && Object.is(before[name], next[name]));
  return isSame ? before : next;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
