import type { LogLine } from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import { logRows } from './log-rows.ts';

const linesOf = (...numbers: readonly number[]): readonly LogLine[] =>
  numbers.map((line) => ({ line, stream: 'stdout', text: `line ${line}` }));
const spell = ({ lines, lastLine }: { readonly lines: readonly LogLine[]; readonly lastLine: number }) => {
  const rows = logRows({ lines, lastLine });
  return Array.from({ length: rows.count }, (_, index) => {
    const row = rows.at(index);
    return row.type === 'gap' ? `${row.count} from ${row.firstLine}` : row.line.line;
  });
};

describe('logRows', () => {
  it('has a row for each line when none is missing', () => {
    expect(spell({ lines: linesOf(1, 2, 3), lastLine: 3 })).toEqual([1, 2, 3]);
  });

  it('has a row where lines are missing between others, and after the last', () => {
    expect(spell({ lines: linesOf(1, 4, 5, 7), lastLine: 9 })).toEqual([
      1,
      '2 from 2',
      4,
      5,
      '1 from 6',
      7,
      '2 from 8',
    ]);
  });

  it('counts the lines missing before the first separately, since that changes as lines are dropped', () => {
    const rows = logRows({ lines: linesOf(6, 7), lastLine: 7 });
    expect(rows.missingBefore).toBe(5);
    expect(rows.count).toBe(2);
  });

  it('is one gap when all lines were dropped, and nothing when there were none', () => {
    expect(spell({ lines: [], lastLine: 12 })).toEqual(['12 from 1']);
    expect(spell({ lines: [], lastLine: 0 })).toEqual([]);
  });

  it('gives each row a key that stays when lines before it go', () => {
    const before = logRows({ lines: linesOf(1, 2, 5, 6), lastLine: 6 });
    const after = logRows({ lines: linesOf(2, 5, 6, 7), lastLine: 7 });
    const keysOf = (rows: typeof before) =>
      Array.from({ length: rows.count }, (_, index) => rows.keyAt(index));
    expect(keysOf(before)).toEqual([1, 2, -3, 5, 6]);
    expect(keysOf(after)).toEqual([2, -3, 5, 6, 7]);
  });

  it('knows the row of each line', () => {
    const lines = linesOf(3, 4, 8, 10, 11);
    const rows = logRows({ lines, lastLine: 20 });
    for (const { line } of lines) {
      const row = rows.at(rows.indexOfLine(line));
      expect(row.type === 'line' && row.line.line).toBe(line);
    }
  });
});
