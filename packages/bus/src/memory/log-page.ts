import type { Cursor, LogEntry, LogLine } from '@booner/protocol';
import type { LogPage } from '../task-ports.ts';
import type { StreamEntry } from './entry-stream.ts';

/**
 * Returns the lines after `afterLine` of whole entries until there are `max`. Lines that a runner
 * sent twice, because it got no answer, count once.
 */
export function logPage(
  entries: readonly StreamEntry<LogEntry>[],
  { afterLine, after, max }: { afterLine: number; after: Cursor; max: number },
): LogPage {
  const lines: LogLine[] = [];
  let cursor = after;
  let last = afterLine;
  for (const entry of entries) {
    if (lines.length >= max) break;
    cursor = entry.cursor;
    for (const line of linesOf(entry.value)) {
      if (line.line <= last) continue;
      last = line.line;
      lines.push(line);
    }
  }
  return { lines, droppedLines: lines[0] === undefined ? 0 : lines[0].line - afterLine - 1, cursor };
}

/** Returns the last lines. */
export function logTail(entries: readonly StreamEntry<LogEntry>[], max: number, empty: Cursor): LogPage {
  const whole = logPage(entries, { afterLine: 0, after: empty, max: Number.POSITIVE_INFINITY });
  const lines = whole.lines.slice(-max);
  return { lines, droppedLines: (lines[0]?.line ?? 1) - 1, cursor: whole.cursor };
}

const linesOf = ({ line, stream, text }: LogEntry): LogLine[] =>
  text.split('\n').map((each, index) => ({ line: line + index, stream, text: each }));
