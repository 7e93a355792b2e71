import { expect, test } from 'vitest';
import { findValueIssue, sizeText, withoutLastBreak } from './entered-value.ts';

test('one line break at the end is no part of a value', () => {
  expect(['a\n', 'a\r\n', 'a\nb\n\n', 'a', '\n'].map(withoutLastBreak)).toEqual([
    'a',
    'a',
    'a\nb\n',
    'a',
    '',
  ]);
});

test('what no secret can be is said without quoting it', () => {
  expect(findValueIssue('')).toBe('Enter a value.');
  expect(findValueIssue('open\u0000sesame')).toBe('The value must not contain control characters.');
  expect(findValueIssue('-----BEGIN KEY-----\nabc')).toBeNull();
});

test('the size is that of what is sent', () => {
  expect(['a\n', 'grün', 'a\nbc\n'].map(sizeText)).toEqual(['1 byte.', '5 bytes.', '2 lines, 4 bytes.']);
});
