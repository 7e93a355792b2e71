/** Matches one invisible character. */
const INVISIBLE = new RegExp(
  [
    '[\\p{Cc}\\p{Zl}\\p{Zp}\\ufff9-\\ufffb]',
    // Bidirectional controls, zero-width spaces, soft hyphens, fillers, tags. Not the selectors
    // that choose between a text and an emoji.
    '(?![\\p{Variation_Selector}\\p{Join_Control}])\\p{Default_Ignorable_Code_Point}',
    // Zero-width joiners, except where they shape what is visible: after a letter of a cursive
    // script, a mark (such as the virama of Indic scripts), or an emoji.
    '(?<![\\p{Script=Arabic}\\p{Script=Syriac}\\p{Script=Mongolian}\\p{M}\\p{Extended_Pictographic}\\p{Emoji_Modifier}])' +
      '\\p{Join_Control}',
  ].join('|'),
  'gu',
);
const PRINTABLE_ASCII = /^[ -~]*$/;

export type VisibleTextOptions = {
  /** Replaces each invisible character. Default: none. */
  readonly replacement?: string;
  /** Invisible characters that stay, such as tabs. Default: none. */
  readonly keep?: string;
};

/**
 * Returns `text` without controls and other invisible characters, so that it cannot deface a log, a
 * page or a terminal, reorder the text around it, or pass for another text. Zero-width joiners stay
 * where writing needs them: in Persian, in Indic scripts, in emoji.
 */
export function visibleText(text: string, { replacement = '', keep = '' }: VisibleTextOptions = {}): string {
  if (PRINTABLE_ASCII.test(text)) return text;
  return text.replace(INVISIBLE, (character) => (keep.includes(character) ? character : replacement));
}

/** Returns true if all characters of a text are visible. */
export const isVisibleText = (text: string): boolean => visibleText(text) === text;

/** Returns the same JSON with invisible characters escaped, for output that a terminal may show. */
export const escapeInvisible = (json: string): string =>
  json.replace(INVISIBLE, (character) => (character === '\n' ? character : escapeSequence(character)));

/** Returns escapes of JSON (RFC 8259 section 7), two for a character outside the BMP. */
const escapeSequence = (character: string): string =>
  Array.from({ length: character.length }, (_, index) => {
    const code = character.charCodeAt(index).toString(16).padStart(4, '0');
    return `\\u${code}`;
  }).join('');

/** Half of a surrogate pair, which UTF-8 cannot represent. */
const LONE_SURROGATE = /\p{Cs}/u;

/**
 * Returns the offset, in UTF-16 code units, of the first character that is invisible or half of a
 * surrogate pair; -1: there is none.
 */
export function indexOfInvisible(text: string): number {
  const invisible = text.search(INVISIBLE);
  return invisible === -1 ? text.search(LONE_SURROGATE) : invisible;
}
