import type { z } from 'zod';

/** Figures with these suffixes have special ranges. All other figures must not be negative. */
const MAY_BE_NEGATIVE = 'Celsius';
const AT_MOST_ONE = 'Ratio';
/** Twice the depth of a sample. Bounds the stack while a value with unknown keys is checked. */
const MAX_DEPTH = 8;

/**
 * Checks a zod schema's numbers by the unit in their names: only temperatures may be negative, and
 * no ratio may exceed 1. Zod itself rejects numbers that are not finite.
 */
export function figuresInRange({ value, issues }: z.core.ParsePayload<object>): void {
  const path: string[] = [];
  const issue = findIssue(value, path, 0);
  if (issue !== null) issues.push({ code: 'custom', message: issue, input: value, path: path.reverse() });
}

/**
 * Returns true if {@link figuresInRange} finds no issue in a value, which may have unknown keys.
 * Numbers below them count, and none may be deeper than in any sample.
 */
export const areFiguresInRange = (value: object): boolean => findIssue(value, [], 0) === null;

/**
 * Returns the issue with the first figure out of range. `path` then holds its keys, innermost
 * first.
 */
function findIssue(value: object, path: string[], depth: number): string | null {
  if (depth > MAX_DEPTH) return `must not be nested more than ${MAX_DEPTH} times`;
  if (Array.isArray(value)) return findIssueInArray(value, path, depth);
  for (const key in value) {
    const entry: unknown = value[key as keyof typeof value];
    let issue: string | null = null;
    if (typeof entry === 'number') issue = findFigureIssue(key, entry);
    else if (typeof entry === 'object' && entry !== null) issue = findIssue(entry, path, depth + 1);
    if (issue !== null) {
      path.push(key);
      return issue;
    }
  }
  return null;
}

function findIssueInArray(entries: readonly unknown[], path: string[], depth: number): string | null {
  for (let index = 0; index < entries.length; index++) {
    const entry = entries[index];
    const issue = typeof entry === 'object' && entry !== null ? findIssue(entry, path, depth + 1) : null;
    if (issue !== null) {
      path.push(String(index));
      return issue;
    }
  }
  return null;
}

function findFigureIssue(key: string, figure: number): string | null {
  if (figure < 0 && !key.endsWith(MAY_BE_NEGATIVE)) return 'must not be negative';
  if (figure > 1 && key.endsWith(AT_MOST_ONE)) return 'must be at most 1';
  return null;
}
