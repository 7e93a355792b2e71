/**
 * Escape sequences of terminals (ECMA-48, 5.4 and 8.3): control sequences, the strings that end with BEL or ST, and the short ones.
 * Each alternative is linear: the library's own expression takes 100 ms for 16 KB of strings without an end.
 */
const ESCAPE_SEQUENCE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|\x1b[ -/]*[0-~]?/g;
/** Control characters but the tabulator: C0, DEL and C1. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f-\x9f]/;
const CONTROLS = new RegExp(CONTROL, 'g');

/** A colour, or another rendition of the characters after it (SGR: ECMA-48, 8.3.117), of a length that makes sense. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
const RENDITION = /^\x1b\[[\d;:]{0,40}m$/;

/** Takes out what would move a cursor, change colours or ring a bell where the text is shown. */
export function cleanText(text: string): string {
  return CONTROL.test(text) ? text.replaceAll(ESCAPE_SEQUENCE, '').replaceAll(CONTROLS, '') : text;
}

/** Splits a text so that every second part is a sequence. */
const AT_SEQUENCES = new RegExp(`(${ESCAPE_SEQUENCE.source})`);
const keepRendition = (sequence: string): string => (RENDITION.test(sequence) ? sequence : '');

/** The same, but colours stay, for who shows them. */
export function cleanColouredText(text: string): string {
  if (!CONTROL.test(text)) return text;
  return text
    .split(AT_SEQUENCES)
    .map((part, index) => (index % 2 === 1 ? keepRendition(part) : part.replaceAll(CONTROLS, '')))
    .join('');
}
