import { expect, it } from 'vitest';
import { csvCell } from './csv-cell.ts';

it.each([
  ['/dev/vda1', '/dev/vda1'],
  ['a,"b"', '"a,""b"""'],
  ['two\nlines', '"two\nlines"'],
  ['', ''],
  ['-0.5', '-0.5'],
  ['=1+1', "'=1+1"],
  ['-1+cmd', "'-1+cmd"],
  ['@sum(a,b)', '"\'@sum(a,b)"'],
])('writes %j as %s', (text, cell) => {
  expect(csvCell(text)).toBe(cell);
});
