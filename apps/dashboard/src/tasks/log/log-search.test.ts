import type { LogLine } from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import { LogSearch, patternOf } from './log-search.ts';

const linesOf = (texts: readonly string[], firstLine = 1): readonly LogLine[] =>
  texts.map((text, index) => ({ line: firstLine + index, stream: 'stdout', text }));
const searchFor = (query: string) => new LogSearch(patternOf(query)!);
const NEVER = () => false;
const AT_ONCE = () => true;

describe('LogSearch', () => {
  it('finds a text as it is written, whatever its case', () => {
    const search = searchFor('a.b(');
    expect(search.look(linesOf(['A.B(', 'axb(', 'see a.b( here']), NEVER)).toBe(true);
    expect(search.found).toEqual([1, 3]);
  });

  it('finds through colours', () => {
    const search = searchFor('red word');
    search.look(linesOf(['a \x1b[31mred\x1b[0m word']), NEVER);
    expect(search.found).toEqual([1]);
  });

  it('looks at each line once as more come and the first ones go', () => {
    const search = searchFor('x');
    search.look(linesOf(['x', 'y', 'x']), NEVER);
    search.look(linesOf(['x', 'y', 'x'], 3), NEVER);
    expect(search.found).toEqual([1, 3, 5]);
  });

  it('stops when its time is over, and goes on from there', () => {
    const lines = linesOf(Array.from({ length: 1000 }, () => 'x'));
    const search = searchFor('x');
    expect(search.look(lines, AT_ONCE)).toBe(false);
    expect(search.found.length).toBeLessThan(1000);
    expect(search.look(lines, NEVER)).toBe(true);
    expect(search.found).toEqual(lines.map(({ line }) => line));
  });

  it('looks for nothing when nothing is asked', () => {
    expect(patternOf('')).toBeNull();
  });
});
