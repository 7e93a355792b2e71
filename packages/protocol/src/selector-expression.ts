import {
  fail,
  formatValue,
  type Parsed,
  readTokens,
  shown,
  type Token,
  type TokenCursor,
  tokenCursor,
} from './label-text.ts';
import { findKeyIssue } from './labels.ts';
import { MAX_SELECTOR_CHARACTERS, MAX_SELECTOR_TERMS, MAX_SELECTOR_WILDCARDS } from './limits.ts';

/** A value with wildcards: the texts before, between and after them. One text has no wildcard. */
export type ValuePattern = readonly string[];

/** One condition on one key. */
export type SelectorTerm =
  | { readonly key: string; readonly operator: 'exists' | 'absent' }
  | { readonly key: string; readonly operator: 'in' | 'notin'; readonly values: readonly ValuePattern[] };

/** Terms that must all hold, or `*` for every target. No term at all selects nothing. */
export type SelectorExpression = '*' | readonly SelectorTerm[];

/**
 * Parses a selector. Equal selectors have equal expressions: terms and values are sorted, and
 * duplicates removed. Takes linear time.
 * @param findUseIssue finds out why a key cannot be used; `null`: it can
 */
export function parseExpression(
  text: string,
  findUseIssue: (key: string) => string | null,
): Parsed<SelectorExpression> {
  const tokens = readTokens(text, MAX_SELECTOR_CHARACTERS);
  if (!tokens.ok) return tokens;
  const cursor = tokenCursor(tokens.value);
  if (cursor.peek().kind === 'end') return { ok: true, value: [] };
  if (tokens.value.length === 2 && cursor.peek().text === '*') return { ok: true, value: '*' };
  const terms: SelectorTerm[] = [];
  let wildcards = 0;
  do {
    const start = cursor.peek();
    if (terms.length === MAX_SELECTOR_TERMS) {
      return fail(
        start,
        `must have at most ${MAX_SELECTOR_TERMS} terms: combine values, such as role in (db,web)`,
      );
    }
    const term = readTerm(cursor, findUseIssue);
    if (!term.ok) return term;
    terms.push(term.value);
    wildcards += wildcardsOf(term.value);
    if (wildcards > MAX_SELECTOR_WILDCARDS) {
      return fail(start, `must have at most ${MAX_SELECTOR_WILDCARDS} wildcards: remove some "*"`);
    }
  } while (cursor.skip(','));
  const rest = cursor.peek();
  if (rest.kind !== 'end') {
    return fail(
      rest,
      `has ${shown(rest)} after a term: put a comma between terms, and quotes around a value with spaces`,
    );
  }
  return { ok: true, value: sortedUnique(terms, formatTerm) };
}

/** Writes a selector in its canonical form: {@link parseExpression} reads the same expression. */
export const formatSelector = (expression: SelectorExpression): string =>
  expression === '*' ? '*' : expression.map(formatTerm).join(',');

function formatTerm(term: SelectorTerm): string {
  const { key, operator } = term;
  switch (operator) {
    case 'exists':
      return key;
    case 'absent':
      return `!${key}`;
    case 'in':
    case 'notin': {
      const values = term.values.map(formatValue);
      if (values.length > 1) return `${key} ${operator} (${values.join(',')})`;
      return `${key}${operator === 'in' ? '=' : '!='}${values.join()}`;
    }
    default:
      return operator satisfies never;
  }
}

function readTerm(cursor: TokenCursor, findUseIssue: (key: string) => string | null): Parsed<SelectorTerm> {
  const isAbsent = cursor.skip('!');
  const key = readKey(cursor.next(), findUseIssue);
  if (!key.ok) return key;
  if (isAbsent) return { ok: true, value: { key: key.value, operator: 'absent' } };
  const operator = cursor.peek();
  if (operator.kind === 'end' || operator.text === ',') {
    return { ok: true, value: { key: key.value, operator: 'exists' } };
  }
  cursor.next();
  switch (operator.text) {
    case '=':
    case '==':
      return readValue(cursor, key.value, 'in');
    case '!=':
      return readValue(cursor, key.value, 'notin');
    case 'in':
      return readList(cursor, key.value, 'in');
    case 'notin':
      return readList(cursor, key.value, 'notin');
    default:
      return fail(
        operator,
        `has ${shown(operator)} after ${key.value}: write one of =, !=, in (…), notin (…), or a comma`,
      );
  }
}

function readKey(token: Token, findUseIssue: (key: string) => string | null): Parsed<string> {
  if (token.text === '*') {
    return fail(token, 'has "*" beside other terms: remove it, or write "*" alone for every target');
  }
  if (token.kind === 'end' || token.kind === 'symbol') {
    return fail(
      token,
      `has ${shown(token)} where a term must begin: write a term such as role=db, or remove the comma`,
    );
  }
  const issue = findKeyIssue(token.text) ?? findUseIssue(token.text);
  return issue === null ? { ok: true, value: token.text } : fail(token, `${shown(token)} ${issue}`);
}

function readValue(cursor: TokenCursor, key: string, operator: 'in' | 'notin'): Parsed<SelectorTerm> {
  const token = cursor.next();
  if (isValue(token)) return { ok: true, value: listTerm(key, operator, [token.parts]) };
  return fail(
    token,
    `has ${shown(token)} where a value must be: for an empty value write ${key}="", for any value ${key}`,
  );
}

function readList(cursor: TokenCursor, key: string, operator: 'in' | 'notin'): Parsed<SelectorTerm> {
  const example = `${key} ${operator} (db,web)`;
  if (!cursor.skip('(')) return fail(cursor.peek(), `must have values in parentheses, such as ${example}`);
  const values: ValuePattern[] = [];
  do {
    const token = cursor.next();
    if (!isValue(token)) return fail(token, `has ${shown(token)} where a value must be, such as ${example}`);
    values.push(token.parts);
  } while (cursor.skip(','));
  if (!cursor.skip(')')) {
    return fail(
      cursor.peek(),
      `must have a comma or ")" after a value, such as ${example}, and quotes around spaces`,
    );
  }
  return { ok: true, value: listTerm(key, operator, values) };
}

const isValue = ({ kind }: Token) => kind === 'word' || kind === 'quoted';

function listTerm(key: string, operator: 'in' | 'notin', values: readonly ValuePattern[]): SelectorTerm {
  // Host ids are in lower case.
  const spelled = key === 'host' ? values.map((parts) => parts.map((part) => part.toLowerCase())) : values;
  return { key, operator, values: sortedUnique(spelled, formatValue) };
}

const wildcardsOf = (term: SelectorTerm): number =>
  'values' in term ? term.values.reduce((sum, parts) => sum + parts.length - 1, 0) : 0;

function sortedUnique<T>(items: readonly T[], textOf: (item: T) => string): readonly T[] {
  const byText = new Map(items.map((item) => [textOf(item), item]));
  return [...byText.keys()].sort().map((text) => byText.get(text)!);
}
