import { fail, type Parsed, readTokens, shown, tokenCursor } from './label-text.ts';
import { MAX_LABEL_VALUE_CHARACTERS, MAX_LABELS, MAX_LABELS_CHARACTERS } from './limits.ts';
import { indexOfInvisible } from './visible-text.ts';

export { issueText } from './label-text.ts';

/**
 * Labels of a target: key -> value. Look values up with `Object.hasOwn`, as keys may be names such
 * as `constructor`.
 */
export type Labels = Readonly<Record<string, string>>;

/** Names under which selectors find what agents report of their system. */
export const SYSTEM_KEYS = ['os', 'arch', 'gpu', 'version'] as const;
export type SystemKey = (typeof SYSTEM_KEYS)[number];

export const isSystemKey = (key: string): key is SystemKey =>
  (SYSTEM_KEYS as readonly string[]).includes(key);

const KEY = /^[a-z][a-z0-9_.-]{0,62}$/;

/** Finds out why a text is neither the key of a label nor a built-in name; `null`: it is. */
export const findKeyIssue = (key: string): string | null =>
  KEY.test(key)
    ? null
    : 'must be a label key: a lower-case letter, then at most 62 lower-case letters, digits, "_", "." ' +
      'and "-", such as role';

/** Finds out why a text cannot be the key of a label; `null`: it can. */
export const findLabelKeyIssue = (key: string): string | null =>
  key === 'host' || isSystemKey(key)
    ? `must not be ${key}, which every target has built in: choose another key, such as my-${key}`
    : findKeyIssue(key);

/** Finds out why a text cannot be the value of a label; `null`: it can. */
export function findLabelValueIssue(value: string): string | null {
  if (value.length > MAX_LABEL_VALUE_CHARACTERS) {
    return `must have at most ${MAX_LABEL_VALUE_CHARACTERS} characters, not ${value.length}`;
  }
  if (indexOfInvisible(value) !== -1) {
    return 'must have visible characters only: remove control and zero-width characters';
  }
  return value.trim() === value ? null : 'must not begin or end with a space: remove it';
}

/** Returns labels in one line, such as `env=prod role=db`. */
export const labelsText = (labels: Labels): string =>
  Object.keys(labels)
    .sort()
    .map((key) => `${key}=${labels[key]}`)
    .join(' ');

/**
 * Parses labels such as `role=db,note="rack 4, left"`, as `BOONER_LABELS` has them. An empty text
 * has none. Depends on no schema library, which the agent does not load.
 */
export function parseLabels(text: string): Parsed<Labels> {
  const tokens = readTokens(text, MAX_LABELS_CHARACTERS);
  if (!tokens.ok) return tokens;
  const cursor = tokenCursor(tokens.value);
  const labels = new Map<string, string>();
  if (cursor.peek().kind === 'end') return { ok: true, value: {} };
  do {
    const key = cursor.next();
    const keyIssue = key.kind === 'word' ? findLabelKeyIssue(key.text) : findKeyIssue('');
    if (keyIssue !== null) return fail(key, `${shown(key)} ${keyIssue}`);
    if (labels.has(key.text)) return fail(key, `has ${key.text} twice: remove one of them`);
    if (labels.size === MAX_LABELS) return fail(key, `must have at most ${MAX_LABELS} labels: remove some`);
    if (!cursor.skip('='))
      return fail(cursor.peek(), `must have = and a value after ${key.text}, such as ${key.text}=db`);
    const value = cursor.next();
    if (value.kind !== 'word' && value.kind !== 'quoted') {
      return fail(value, `must have a value after ${key.text}=; an empty one is ${key.text}=""`);
    }
    const literal = value.parts.join('*');
    const valueIssue = findLabelValueIssue(literal);
    if (valueIssue !== null) return fail(value, `the value of ${key.text} ${valueIssue}`);
    labels.set(key.text, literal);
  } while (cursor.skip(','));
  const rest = cursor.peek();
  if (rest.kind !== 'end') {
    return fail(
      rest,
      `has ${shown(rest)} after a value: put a comma between labels, and quotes around spaces`,
    );
  }
  return { ok: true, value: Object.fromEntries(labels) };
}
