/**
 * Returns a value equal to `next` that reuses the objects of `previous` wherever they are equal.
 * Unchanged parts keep their identity, so that their views need not render again. For JSON.
 */
export function shareStructure<T>(previous: unknown, next: T): T {
  if (Object.is(previous, next)) return next;
  if (Array.isArray(previous) && Array.isArray(next)) {
    const shared = next.map((each, index) => shareStructure(previous[index], each));
    const isSame =
      previous.length === next.length && shared.every((each, index) => Object.is(each, previous[index]));
    return (isSame ? previous : shared) as T;
  }
  if (isObject(previous) && isObject(next)) {
    const names = Object.keys(next);
    const shared = Object.fromEntries(
      names.map((name) => [name, shareStructure(previous[name], next[name])]),
    );
    const isSame =
      names.length === Object.keys(previous).length &&
      names.every((name) => Object.hasOwn(previous, name) && Object.is(shared[name], previous[name]));
    return (isSame ? previous : shared) as T;
  }
  return next;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
