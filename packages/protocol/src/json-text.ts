import type { ParameterValue } from './action.ts';
import type { Problem } from './problem.ts';

/** An issue with a document, located by a JSON pointer (RFC 6901). */
export type JsonIssue = NonNullable<Problem['errors']>[number];

export type JsonReading =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly issue: JsonIssue };

/** Deeper than any accepted document. Its parts have tighter limits. */
const MAX_DEPTH = 32;
/** Longer pointers are cut, so that a key of a megabyte is not sent back. */
const MAX_POINTER_CHARACTERS = 300;
/** Tokens of valid JSON: strings, brackets, separators and numbers. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|-?\d[\d.eE+-]*/g;

type Container = { readonly keys: Set<string> | null; position: string | number; expectsKey: boolean };

/**
 * Parses JSON more strictly than `JSON.parse`. Rejects duplicate names in one object (RFC 8259
 * section 4 leaves their meaning open, so two parsers may disagree), numbers that a double cannot
 * represent, and excessive depth. Messages quote names only, since a value may be a secret.
 */
export function readJson(text: string): JsonReading {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // the rest of V8's message may quote the document
    const position = / at position (\d+)/.exec(String(error))?.[1];
    const place = position === undefined ? '' : `, from character ${Number(position) + 1} on`;
    return { ok: false, issue: { pointer: '', detail: `is not valid JSON${place}` } };
  }
  const issue = findIssue(text);
  return issue === null ? { ok: true, value } : { ok: false, issue };
}

/**
 * Walks the tokens without recursion, so that excessive depth is rejected before it overflows the
 * stack.
 */
function findIssue(text: string): JsonIssue | null {
  const open: Container[] = [];
  const here = () => pointerTo(open.map(({ position }) => position));
  for (const [token] of text.matchAll(TOKEN)) {
    const inner = open.at(-1);
    if (token === '{' || token === '[') {
      if (open.length >= MAX_DEPTH) {
        return { pointer: here(), detail: `is nested deeper than ${MAX_DEPTH} levels` };
      }
      open.push(
        token === '{'
          ? { keys: new Set(), position: '', expectsKey: true }
          : { keys: null, position: 0, expectsKey: false },
      );
    } else if (token === '}' || token === ']') {
      open.pop();
    } else if (token === ',') {
      if (inner === undefined) continue;
      if (typeof inner.position === 'number') inner.position++;
      else inner.expectsKey = true;
    } else if (token.startsWith('"')) {
      if (!inner?.expectsKey) continue;
      inner.expectsKey = false;
      inner.position = JSON.parse(token) as string; // "\u0061" is the name "a"
      if (inner.keys?.has(inner.position)) return { pointer: here(), detail: 'occurs more than once' };
      inner.keys?.add(inner.position);
    } else if (token !== ':' && !isKept(token)) {
      return { pointer: here(), detail: 'is a number that cannot be stored exactly; send it as a string' };
    }
  }
  return null;
}

/** Fractions are rounded everywhere. Whole numbers must stay exact. */
function isKept(number: string): boolean {
  const value = Number(number);
  return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
}

/** Returns the JSON pointer (RFC 6901) to a place in a document. */
export function pointerTo(path: readonly PropertyKey[]): string {
  const pointer = path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  return pointer.length > MAX_POINTER_CHARACTERS ? `${pointer.slice(0, MAX_POINTER_CHARACTERS)}…` : pointer;
}

/**
 * Returns a parameter's value as text for a process. Objects and arrays become compact JSON, which
 * contains no control characters.
 */
export const textOfValue = (value: ParameterValue): string =>
  typeof value === 'object' ? JSON.stringify(value) : String(value);
