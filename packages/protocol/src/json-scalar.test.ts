import { expect, test } from 'vitest';
import { readScalar, scalarText } from './json-scalar.ts';

test.each([
  ['refs/heads/main', 'refs/heads/main'],
  ['', ''],
  ['false', false],
  ['null', null],
  ['-1.5', -1.5],
  ['"true"', 'true'],
  ['{"a": 1}', '{"a": 1}'],
  ['[]', '[]'],
  ['1e999', '1e999'],
])('%s is read as %o, and written so that it is read again', (text, value) => {
  expect(readScalar(text)).toBe(value);
  expect(readScalar(scalarText(value))).toBe(value);
});

test('only texts that would be read as something else are in quotes', () => {
  expect(['main', 'true', '"quoted"', '12'].map(scalarText)).toEqual([
    'main',
    '"true"',
    '"\\"quoted\\""',
    '"12"',
  ]);
});
