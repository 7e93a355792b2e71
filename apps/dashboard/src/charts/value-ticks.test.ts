import { expect, test } from 'vitest';
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

test('bytes have round numbers of the unit of the top', () => {
  expect(valueAxis({ highest: 1.9 * MB, base: 1024 }).ticks).toEqual(
    [0, 0.5, 1, 1.5, 2].map((count) => count * MB),
  );
  expect(valueAxis({ highest: 150 * 1024, base: 1024 }).ticks).toEqual(
    [0, 50, 100, 150].map((count) => count * 1024),
  );
});

test('a size stays the top, with round ticks below it', () => {
  expect(valueAxis({ highest: 3 * GB, minTop: 23.5 * GB, base: 1024 })).toEqual({
    top: 23.5 * GB,
    ticks: [0, 10 * GB, 20 * GB],
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
