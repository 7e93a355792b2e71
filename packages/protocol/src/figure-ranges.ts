import type { z } from 'zod';

/** Figures with these suffixes have special ranges. All other figures must not be negative. */
const MAY_BE_NEGATIVE = 'Celsius';
const AT_MOST_ONE = 'Ratio';

/**
 * Checks a zod schema's numbers by the unit in their names: only temperatures may be negative, and
 * no ratio may exceed 1. Zod itself rejects numbers that are not finite.
 */
export function figuresInRange({ value, issues }: z.core.ParsePayload<object>): void {
  const path: string[] = [];
  const fault = findFault(value, path);
  if (fault !== null) issues.push({ code: 'custom', message: fault, input: value, path: path.reverse() });
}

/**
 * Returns the issue with the first figure out of range. `path` then holds its keys, innermost
 * first.
 */
function findFault(value: object, path: string[]): string | null {
  if (Array.isArray(value)) return findFaultInArray(value, path);
  for (const key in value) {
    const entry: unknown = value[key as keyof typeof value];
    let fault: string | null = null;
    if (typeof entry === 'number') fault = faultOf(key, entry);
    else if (typeof entry === 'object' && entry !== null) fault = findFault(entry, path);
    if (fault !== null) {
      path.push(key);
      return fault;
    }
  }
  return null;
}

function findFaultInArray(entries: readonly unknown[], path: string[]): string | null {
  for (let index = 0; index < entries.length; index++) {
    const entry = entries[index];
    const fault = typeof entry === 'object' && entry !== null ? findFault(entry, path) : null;
    if (fault !== null) {
      path.push(String(index));
      return fault;
    }
  }
  return null;
}

function faultOf(key: string, figure: number): string | null {
  if (figure < 0 && !key.endsWith(MAY_BE_NEGATIVE)) return 'must not be negative';
  if (figure > 1 && key.endsWith(AT_MOST_ONE)) return 'must be at most 1';
  return null;
}
