import { expect, test } from 'vitest';
import { formatRate } from '../format/numbers.ts';
import { trimTick, valueAxis } from './value-ticks.ts';

const MB = 2 ** 20;
const GB = 2 ** 30;

test('shares reach 100 % in quarters, and no further', () => {
  expect(valueAxis({ highest: 0.3, minTop: 1, maxTop: 1 })).toEqual({
    top: 1,
    ticks: [0, 0.25, 0.5, 0.75, 1],
  });
  expect(valueAxis({ highest: 1.2, minTop: 1, maxTop: 1 }).top).toBe(1);
});

test('small shares have whole percents at their ticks', () => {
  expect(valueAxis({ highest: 0.02, minTop: 0.1, maxTop: 1 }).ticks).toEqual([0, 0.05, 0.1]);
});

test('the top is the next tick above the highest value', () => {
  expect(valueAxis({ highest: 6.2, minTop: 1 })).toEqual({ top: 8, ticks: [0, 2, 4, 6, 8] });
  expect(valueAxis({ highest: 4 }).top).toBe(4);
});

test('bytes have powers of two as steps, which are round in every unit', () => {
  const texts = (highest: number) =>
    valueAxis({ highest, base: 1024 }).ticks.map((tick) => trimTick(formatRate(tick)).replace(',', '.'));
  expect(texts(1000 * 1024)).toEqual(['0 B/s', '256 KB/s', '512 KB/s', '768 KB/s', '1 MB/s']);
  expect(texts(600)).toEqual(['0 B/s', '256 B/s', '512 B/s', '768 B/s']);
  expect(texts(1.9 * MB)).toEqual(['0 B/s', '512 KB/s', '1 MB/s', '1.5 MB/s', '2 MB/s']);
  expect(texts(150 * 1024)).toEqual(['0 B/s', '64 KB/s', '128 KB/s', '192 KB/s']);
  expect(texts(0.5)).toEqual(['0 B/s', '1 B/s']);
});

test('a size stays the top, with round ticks below it', () => {
  expect(valueAxis({ highest: 3 * GB, minTop: 23.5 * GB, base: 1024 })).toEqual({
    top: 23.5 * GB,
    ticks: [0, 8 * GB, 16 * GB],
  });
});

test('an axis without any value still has a top', () => {
  expect(valueAxis({ highest: null }).top).toBe(1);
  expect(valueAxis({ highest: 0, base: 1024 }).top).toBe(1024);
});

test('decimals that say nothing are left out', () => {
  expect(['2.00 GB', '1.50 MB', '0.00 B/s', '0,75', '1,000', '100%', '60 GB'].map(trimTick)).toEqual([
    '2 GB',
    '1.5 MB',
    '0 B/s',
    '0,75',
    '1,000',
    '100%',
    '60 GB',
  ]);
});
