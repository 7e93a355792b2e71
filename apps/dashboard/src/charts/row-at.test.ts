import { expect, test } from 'vitest';
import { rowAt, spacingOf } from './row-at.ts';

const TIMES = [0, 3000, 6000, 9000, 60_000, 63_000];

test('the spacing is that of most rows, whatever gaps there are', () => {
  expect(spacingOf(TIMES)).toBe(3000);
  expect(spacingOf([5000])).toBe(0);
  expect(spacingOf([])).toBe(0);
});

test('a time belongs to the row that is nearest', () => {
  expect(rowAt(TIMES, 3000)).toBe(1);
  expect(rowAt(TIMES, 4400)).toBe(1);
  expect(rowAt(TIMES, 4600)).toBe(2);
  expect(rowAt(TIMES, -2000)).toBe(0);
  expect(rowAt(TIMES, 64_000)).toBe(5);
});

test('a time in a silence belongs to no row', () => {
  expect(rowAt(TIMES, 30_000)).toBeNull();
  expect(rowAt(TIMES, -10_000)).toBeNull();
  expect(rowAt(TIMES, 70_000)).toBeNull();
  expect(rowAt([], 0)).toBeNull();
});

test('a single row shows its own time', () => {
  expect(rowAt([5000], 5000)).toBe(0);
  expect(rowAt([5000], 9000)).toBeNull();
});
