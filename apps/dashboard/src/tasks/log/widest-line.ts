import type { LogLine } from '@booner/protocol';
import { indexOfLine } from './log-rows.ts';

const TAB_COLUMNS = 8;

/**
 * Tells the columns of the longest line of a log that grows, at the cost of the new lines alone. It never becomes less, so that a
 * view that is as wide does not jump as long lines go.
 */
export function createWidestLine(): (lines: readonly LogLine[]) => number {
  let widest = 0;
  let lastLine = 0;
  return (lines) => {
    for (let index = indexOfLine(lines, lastLine + 1); index < lines.length; index++) {
      const { line, text } = lines[index]!;
      widest = Math.max(widest, columnsOf(text));
      lastLine = line;
    }
    return widest;
  };
}

/** At most: a tabulator may be as wide as eight letters. */
const columnsOf = (text: string): number =>
  text.includes('\t') ? text.length + (text.split('\t').length - 1) * (TAB_COLUMNS - 1) : text.length;
