import { describe, expect, it } from 'vitest';
import { lineSpans } from './line-spans.ts';
import { patternOf } from './log-search.ts';

const spell = (text: string, query = '') =>
  lineSpans(text, patternOf(query)).map(({ text: part, className, isMatch }) => [
    isMatch ? `<${part}>` : part,
    className,
  ]);

describe('lineSpans', () => {
  it('leaves a plain line whole', () => {
    expect(spell('plain')).toEqual([['plain', null]]);
  });

  it('shows the colours of the terminal in those of the page', () => {
    expect(spell('\x1b[31mred\x1b[0m \x1b[1;92mgood\x1b[0m \x1b[38;5;208morange\x1b[0m')).toEqual([
      ['red', 'text-bad'],
      [' ', null],
      ['good', 'text-good font-bold'],
      [' ', null],
      ['orange', 'text-warn'],
    ]);
  });

  it('puts a frame around what has a ground of its own, and takes its colour when the letters have none', () => {
    expect(spell('\x1b[41;97mbad\x1b[0m')).toEqual([['bad', 'outline outline-line-strong text-bad']]);
  });

  it('leaves out renditions with colons, and nothing else of the line', () => {
    expect(spell('\x1b[4:3mwavy\x1b[0m \x1b[32mgood\x1b[0m')).toEqual([
      ['wavy', null],
      [' ', null],
      ['good', 'text-good'],
    ]);
  });

  it('marks what was found, also across colours', () => {
    expect(spell('one \x1b[32mtwo\x1b[0m three', 'e two t')).toEqual([
      ['on', null],
      ['<e >', null],
      ['<two>', 'text-good'],
      ['< t>', null],
      ['hree', null],
    ]);
  });

  it('marks all that was found in a line, at its edges too', () => {
    expect(spell('abcab', 'AB')).toEqual([
      ['<ab>', null],
      ['c', null],
      ['<ab>', null],
    ]);
    expect(spell('abab', 'ab')).toEqual([
      ['<ab>', null],
      ['<ab>', null],
    ]);
  });
});
