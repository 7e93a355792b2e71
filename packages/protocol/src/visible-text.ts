/**
 * Characters that are invisible and can change how the text around them is shown: controls (Cc),
 * formatting such as bidirectional overrides and zero-width characters (Cf), and line and paragraph
 * separators (Zl, Zp).
 */
const INVISIBLE = '\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}';

const EACH_INVISIBLE = new RegExp(`[${INVISIBLE}]`, 'gu');

/** Matches texts without invisible characters. */
export const VISIBLE_TEXT = new RegExp(`^[^${INVISIBLE}]*$`, 'u');

/**
 * Returns `text` without invisible characters, so that it cannot deface a log, a page or a
 * terminal.
 * @param replacement replaces each of them
 */
export const visibleText = (text: string, replacement = ''): string =>
  text.replace(EACH_INVISIBLE, replacement);
