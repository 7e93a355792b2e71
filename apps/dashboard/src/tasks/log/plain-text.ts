/** Control sequences of terminals, such as colours (ECMA-48, 5.4). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it matches control sequences
const CONTROL_SEQUENCE = /\x1b\[[0-?]*[ -/]*[@-~]/g;
const ESCAPE = '\x1b';

export const hasColours = (text: string): boolean => text.includes(ESCAPE);

/** Returns a line without its colours. */
export const plainText = (text: string): string =>
  hasColours(text) ? text.replaceAll(CONTROL_SEQUENCE, '') : text;
