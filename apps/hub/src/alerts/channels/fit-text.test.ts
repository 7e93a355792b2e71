import { expect, test } from 'vitest';
import { escapeHtml } from './escapes.ts';
import { fitText, utf8Bytes } from './fit-text.ts';

test('a text that fits stays as it is', () => {
  expect(fitText('12345', 5)).toBe('12345');
  expect(fitText('<b>', 9, { escapeWith: escapeHtml })).toBe('&lt;b&gt;');
});

test('a longer text is cut with an ellipsis, before a space', () => {
  expect(fitText('123456', 5)).toBe('1234…');
  expect(fitText('123 456', 5)).toBe('123…');
});

test('neither an escape sequence nor a character is cut through', () => {
  expect(fitText('a<<', 8, { escapeWith: escapeHtml })).toBe('a&lt;…');
  expect(fitText('a😀😀', 4)).toBe('a😀…');
});

test('the size may count bytes', () => {
  const text = fitText('ä'.repeat(100), 51, { size: utf8Bytes });
  expect(utf8Bytes(text)).toBe(51);
});
