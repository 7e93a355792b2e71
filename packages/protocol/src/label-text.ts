import { indexOfInvisible } from './visible-text.ts';

/** An issue with the text of labels or of a selector. */
export type TextIssue = {
  /** Offset of the first character that is wrong, in UTF-16 code units. */
  readonly position: number;
  /** A phrase that says what is wrong and what to write instead. */
  readonly detail: string;
};

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly issue: TextIssue };

/** Returns the issue as one phrase, with its place counted from 1. */
export const issueText = ({ position, detail }: TextIssue): string =>
  `${detail} (at character ${position + 1})`;

export type Token = {
  readonly kind: 'word' | 'quoted' | 'symbol' | 'end';
  /** As written. Empty at the end of the text. */
  readonly text: string;
  readonly position: number;
  /** Texts before, between and after the wildcards of a word or a quoted value. */
  readonly parts: readonly string[];
};

/** Quotes allow any character; `\` precedes a literal `"`, `\` or `*` there. */
const TOKEN =
  /\s*(?:(?<quoted>"(?:[^"\\]|\\["\\*])*")|(?<symbol>!=|==|[=!,()])|(?<word>[^\s"\\=!,()<>]+)|(?<end>$))/y;
const QUOTED_PIECE = /\\(.)|[^\\*]+|\*/gs;
const BARE = /^[^\s"\\=!,()<>*]*$/;

/** Splits a text into tokens, the last of which is its end. */
export function readTokens(text: string, maxCharacters: number): Parsed<readonly Token[]> {
  if (text.length > maxCharacters) {
    return failAt(maxCharacters, `must have at most ${maxCharacters} characters, not ${text.length}`);
  }
  const invisibleAt = indexOfInvisible(text);
  if (invisibleAt !== -1) return failAt(invisibleAt, 'has an invisible character: remove it');
  const tokens: Token[] = [];
  const pattern = new RegExp(TOKEN);
  for (;;) {
    const from = pattern.lastIndex;
    const groups = pattern.exec(text)?.groups;
    if (groups === undefined) return failAt(...unreadable(text, from));
    const { quoted, symbol, word } = groups;
    const written = quoted ?? symbol ?? word ?? '';
    const position = pattern.lastIndex - written.length;
    if (quoted !== undefined) {
      tokens.push({ kind: 'quoted', text: quoted, position, parts: partsOfQuoted(quoted.slice(1, -1)) });
    } else if (word !== undefined) {
      tokens.push({ kind: 'word', text: word, position, parts: withoutEmptyMiddle(word.split('*')) });
    } else if (symbol !== undefined) {
      tokens.push({ kind: 'symbol', text: symbol, position, parts: [] });
    } else {
      tokens.push({ kind: 'end', text: '', position, parts: [] });
      return { ok: true, value: tokens };
    }
  }
}

/** Reads the tokens of a text one after the other. */
export function tokenCursor(tokens: readonly Token[]) {
  let index = 0;
  const peek = (): Token => tokens[Math.min(index, tokens.length - 1)]!;
  return {
    peek,
    next: (): Token => {
      const token = peek();
      index++;
      return token;
    },
    /** Skips the next token if it is this symbol. @returns whether it was */
    skip: (symbol: string): boolean => {
      const isNext = peek().kind === 'symbol' && peek().text === symbol;
      if (isNext) index++;
      return isNext;
    },
  };
}
export type TokenCursor = ReturnType<typeof tokenCursor>;

export const fail = (
  { position }: Token,
  detail: string,
): { readonly ok: false; readonly issue: TextIssue } => failAt(position, detail);

const failAt = (position: number, detail: string) => ({ ok: false, issue: { position, detail } }) as const;

/** Name of a token for messages. */
export const shown = ({ kind, text }: Token): string => (kind === 'end' ? 'the end' : JSON.stringify(text));

/** Writes a value so that {@link readTokens} reads the same parts. Quotes it only where needed. */
export function formatValue(parts: readonly string[]): string {
  const isBare = parts.every((part) => BARE.test(part)) && parts.join('*') !== '';
  if (isBare) return parts.join('*');
  return `"${parts.map((part) => part.replace(/["\\*]/g, '\\$&')).join('*')}"`;
}

function partsOfQuoted(inner: string): readonly string[] {
  const parts = [''];
  for (const [piece, escaped] of inner.matchAll(QUOTED_PIECE)) {
    if (piece === '*') parts.push('');
    else parts.push(`${parts.pop()}${escaped ?? piece}`);
  }
  return withoutEmptyMiddle(parts);
}

/** Several wildcards in a row match what one does. */
const withoutEmptyMiddle = (parts: readonly string[]): readonly string[] =>
  parts.filter((part, index) => part !== '' || index === 0 || index === parts.length - 1);

function unreadable(text: string, from: number): [position: number, detail: string] {
  const position = text.length - text.slice(from).trimStart().length;
  return text[position] === '"'
    ? [
        position,
        'has an unreadable quoted value: end it with ", and write \\" for a quote in it, \\\\ for a backslash',
      ]
    : [position, `has ${text[position]} outside quotes: put the whole value into double quotes`];
}
