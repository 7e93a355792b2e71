import { visibleText } from '@booner/protocol/visible-text';

/**
 * Matches terminal escape sequences (ECMA-48, 5.4 and 8.3): control sequences, strings that end
 * with BEL or ST, and short sequences. Each alternative is linear: the expression of the usual
 * library takes 100 ms for 16 KB of unterminated strings.
 */
const ESCAPE_SEQUENCE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it matches control characters
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|\x1b[ -/]*[0-~]?/g;
const PRINTABLE_ASCII = /^[\t -~]*$/;

/** Matches a colour or another rendition (SGR: ECMA-48, 8.3.117) of a plausible length. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it matches control characters
const RENDITION = /^\x1b\[[\d;:]{0,40}m$/;

/**
 * Removes everything that would move the cursor, change colours or ring the bell of a terminal, or
 * that is invisible, except tabs.
 */
export const cleanText = (text: string): string =>
  PRINTABLE_ASCII.test(text) ? text : visible(text.replaceAll(ESCAPE_SEQUENCE, ''));

/** Splits a text so that every second part is an escape sequence. */
const AT_SEQUENCES = new RegExp(`(${ESCAPE_SEQUENCE.source})`);
const visible = (text: string): string => visibleText(text, { keep: '\t' });
const keepRendition = (sequence: string): string => (RENDITION.test(sequence) ? sequence : '');

/** Cleans a text like {@link cleanText}, but keeps its colours. */
export function cleanColouredText(text: string): string {
  if (PRINTABLE_ASCII.test(text)) return text;
  return text
    .split(AT_SEQUENCES)
    .map((part, index) => (index % 2 === 1 ? keepRendition(part) : visible(part)))
    .join('');
}
