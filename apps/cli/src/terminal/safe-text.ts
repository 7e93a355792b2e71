import { stripVTControlCharacters } from 'node:util';

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/g;

/** A text of others in one line, without what would move the cursor, change colours or hide what follows. */
export const safeText = (text: string): string =>
  stripVTControlCharacters(text)
    .replace(/[\t\r\n]+/g, ' ')
    .replace(CONTROL, '');

// biome-ignore lint/suspicious/noControlCharactersInRegex: ESC [ … m, ECMA-48 section 8.3.117
const COLOR = /\u001b\[[0-9;:]*m/g;

/** A line of a task's output: colours stay where they can be shown, and end with the line. */
export function safeLogLine(text: string, hasColor: boolean): string {
  if (!hasColor || !text.includes('\u001b')) return stripVTControlCharacters(text).replace(CONTROL, '');
  const parts: string[] = [];
  let position = 0;
  for (const match of text.matchAll(COLOR)) {
    parts.push(safeLogLine(text.slice(position, match.index), false), match[0]);
    position = match.index + match[0].length;
  }
  parts.push(safeLogLine(text.slice(position), false));
  return parts.length > 1 ? `${parts.join('')}\u001b[0m` : parts.join('');
}
