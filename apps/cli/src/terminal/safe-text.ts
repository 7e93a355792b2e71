import { stripVTControlCharacters } from 'node:util';
import { visibleText } from '@booner/protocol/visible-text';

/**
 * Returns untrusted text as one line, without characters that would move the cursor, change colors,
 * or hide or reorder the text that follows.
 */
export const safeText = (text: string): string =>
  visibleText(stripVTControlCharacters(text).replace(/[\t\r\n]+/g, ' '));

// biome-ignore lint/suspicious/noControlCharactersInRegex: ESC [ … m, ECMA-48 section 8.3.117
const COLOR = /\u001b\[[0-9;:]*m/g;

/** Removes control characters except tabs, which align columns. */
const plainLogLine = (text: string): string => visibleText(stripVTControlCharacters(text), { keep: '\t' });

/** Makes a line of task output safe. Keeps colors if the terminal shows them, and resets them. */
export function safeLogLine(text: string, hasColor: boolean): string {
  if (!hasColor || !text.includes('\u001b')) return plainLogLine(text);
  const parts: string[] = [];
  let position = 0;
  for (const match of text.matchAll(COLOR)) {
    parts.push(plainLogLine(text.slice(position, match.index)), match[0]);
    position = match.index + match[0].length;
  }
  parts.push(plainLogLine(text.slice(position)));
  return parts.length > 1 ? `${parts.join('')}\u001b[0m` : parts.join('');
}
