import type { LogLine } from '@booner/protocol';
import { expect, it } from 'vitest';
import { createWidestLine } from './widest-line.ts';

const linesOf = (firstLine: number, ...texts: readonly string[]): readonly LogLine[] =>
  texts.map((text, index) => ({ line: firstLine + index, stream: 'stdout', text }));

it('returns the longest line, with room for tabs, and keeps it when that line is dropped', () => {
  const widest = createWidestLine();
  expect(widest([])).toBe(0);
  expect(widest(linesOf(1, 'abc', 'abcdef'))).toBe(6);
  expect(widest(linesOf(1, 'abc', 'abcdef', '\tab'))).toBe(10);
  expect(widest(linesOf(4, 'abc'))).toBe(10);
});
