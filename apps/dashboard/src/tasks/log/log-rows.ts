import type { TaskLog } from '@booner/client';
import type { LogLine } from '@booner/protocol';

type LogRow =
  | { readonly type: 'line'; readonly line: LogLine }
  /** Number of lines dropped at this gap. */
  | { readonly type: 'gap'; readonly firstLine: number; readonly count: number };

/** A log as rows: its lines, and one row for each gap between them. */
export type LogRows = {
  readonly count: number;
  /** Lines missing before the first row. */
  readonly missingBefore: number;
  at(index: number): LogRow;
  /**
   * Key of a row that stays the same as lines come and go: the line's number, negative for a gap.
   */
  keyAt(index: number): number;
  /** Returns the row of a line, or where it would be. */
  indexOfLine(line: number): number;
};

/** A gap: its own row, and the lines before it. */
type Gap = { readonly row: number; readonly firstLine: number; readonly count: number };

/** Lays out a log. Takes time only for gaps, since this runs many times a second. */
export function logRows({ lines, lastLine }: Pick<TaskLog, 'lines' | 'lastLine'>): LogRows {
  const gaps = gapsOf(lines, lastLine);
  /** Returns the number of gaps before a row. */
  const gapsBefore = (row: number) => lowerBound(gaps.length, (index) => gaps[index]!.row >= row);
  const at = (index: number): LogRow => {
    const before = gapsBefore(index);
    const gap = gaps[before];
    return gap?.row === index
      ? { type: 'gap', firstLine: gap.firstLine, count: gap.count }
      : { type: 'line', line: lines[index - before]! };
  };
  return {
    count: lines.length + gaps.length,
    missingBefore: (lines[0]?.line ?? 1) - 1,
    at,
    keyAt(index) {
      if (gaps.length === 0) return lines[index]?.line ?? index;
      const row = at(index);
      return row.type === 'gap' ? -row.firstLine : row.line.line;
    },
    indexOfLine(line) {
      const index = indexOfLine(lines, line);
      return index + lowerBound(gaps.length, (each) => gaps[each]!.firstLine > line);
    },
  };
}

function gapsOf(lines: readonly LogLine[], lastLine: number): readonly Gap[] {
  const first = lines[0];
  const last = lines.at(-1);
  if (first === undefined || last === undefined) {
    return lastLine === 0 ? [] : [{ row: 0, firstLine: 1, count: lastLine }];
  }
  const gaps: Gap[] = [];
  if (last.line - first.line + 1 > lines.length) {
    for (let index = 1; index < lines.length; index++) {
      const expected = lines[index - 1]!.line + 1;
      const count = lines[index]!.line - expected;
      if (count > 0) gaps.push({ row: index + gaps.length, firstLine: expected, count });
    }
  }
  if (lastLine > last.line) {
    gaps.push({ row: lines.length + gaps.length, firstLine: last.line + 1, count: lastLine - last.line });
  }
  return gaps;
}

/** Returns the index of a line, or where it would be. */
export const indexOfLine = (lines: readonly LogLine[], line: number): number =>
  lowerBound(lines.length, (index) => lines[index]!.line >= line);

/**
 * Returns the first of `count` indices from which on a condition holds; `count` if there is none.
 */
export function lowerBound(count: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
