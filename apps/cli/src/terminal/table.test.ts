import displayWidth from 'string-width';
import { expect, it } from 'vitest';
import { type Column, renderTable } from './table.ts';

const COLUMNS: readonly Column[] = [
  { title: 'HOST' },
  { title: 'LABEL', shrinksTo: 5, dispensable: 2 },
  { title: 'CPU', align: 'right' },
  { title: 'NOTE', shrinksTo: 4, dispensable: 3 },
];
const ROWS = [
  ['10.0.0.2', 'a game server', '5 %', 'two agents claim this host'],
  ['10.0.0.10', '游戏', '100 %', ''],
];
const terminal = (columns: number | null) => ({
  columns,
  hasUnicode: true,
  style: (_style: unknown, text: string) => text,
});

it('aligns columns and is as wide as its text without a limit', () => {
  expect(renderTable(COLUMNS, ROWS, terminal(null))).toEqual([
    'HOST       LABEL            CPU  NOTE',
    '10.0.0.2   a game server    5 %  two agents claim this host',
    '10.0.0.10  游戏           100 %',
  ]);
});

it('shrinks columns first, then leaves out dispensable ones', () => {
  for (const columns of [50, 40, 30, 25]) {
    const lines = renderTable(COLUMNS, ROWS, terminal(columns));
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
    expect(lines[1]).toMatch(/^10\.0\.0\.2 /);
  }
  expect(renderTable(COLUMNS, ROWS, terminal(40))[1]).toBe('10.0.0.2   a ga…    5 %  two agents cla…');
  expect(renderTable(COLUMNS, ROWS, terminal(20))[0]).toBe('HOST         CPU');
});

it('leaves out a column that is empty in every row', () => {
  expect(renderTable([{ title: 'A' }, { title: 'B' }], [['1', '']], terminal(null))).toEqual(['A', '1']);
});
