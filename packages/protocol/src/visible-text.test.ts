import { expect, it } from 'vitest';
import { VISIBLE_TEXT, visibleText } from './visible-text.ts';

it.each([
  ['an escape', '\u001b'],
  ['a C1 control', '\u009b'],
  ['a line break', '\n'],
  ['a line separator', '\u2028'],
  ['a paragraph separator', '\u2029'],
  ['a bidirectional override', '\u202e'],
  ['a bidirectional isolate', '\u2066'],
  ['a zero-width space', '\u200b'],
])('%s is not visible text', (_name, character) => {
  expect(VISIBLE_TEXT.test(`a${character}b`)).toBe(false);
  expect(visibleText(`a${character}b`)).toBe('ab');
  expect(visibleText(`a${character}${character}b`, '?')).toBe('a??b');
});

it('letters, spaces and symbols of any script are visible text', () => {
  const text = 'Überlingen, CI #2 \u65e5\u672c\u8a9e \u0639\u0631\u0628\u064a 😀';
  expect(VISIBLE_TEXT.test(text)).toBe(true);
  expect(visibleText(text)).toBe(text);
});
