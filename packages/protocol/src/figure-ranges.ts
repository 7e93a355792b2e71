import type { z } from 'zod';

/** Figures with these endings have another range than the rest; no other is negative. */
const MAY_BE_NEGATIVE = 'Celsius';
const AT_MOST_ONE = 'Ratio';

/**
 * Check of a zod schema whose numbers carry their unit in their name: none is negative but a temperature, no ratio is over 1. Numbers
 * that are not finite are refused by zod itself.
 */
export function figuresInRange({ value, issues }: z.core.ParsePayload<object>): void {
  const path: string[] = [];
  const fault = findFault(value, path);
  if (fault !== null) issues.push({ code: 'custom', message: fault, input: value, path: path.reverse() });
}

/** @returns what is wrong with the first figure out of its range; `path` then holds its keys, the innermost first */
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
