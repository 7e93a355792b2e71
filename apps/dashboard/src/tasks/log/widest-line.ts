import type { LogLine } from '@booner/protocol';
import { indexOfLine } from './log-rows.ts';

const TAB_COLUMNS = 8;

/**
 * Creates a function that returns the width of a growing log in columns, at the cost of new lines
 * only. It never decreases, so that the view does not jump as lines are dropped.
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

/** Upper bound: a tab may be as wide as eight characters. */
const columnsOf = (text: string): number =>
  text.includes('\t') ? text.length + (text.split('\t').length - 1) * (TAB_COLUMNS - 1) : text.length;
