import { describe, expect, it, test } from 'vitest';
import { UNKNOWN } from './numbers.ts';
import {
  formatAgo,
  formatClock,
  formatDateTime,
  formatDuration,
  formatMoment,
  formatRange,
  formatUntil,
} from './times.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Returns the numbers in a text, which are the same in all locales with Latin digits. */
const numbersOf = (text: string) => text.match(/\d+/g)?.map(Number) ?? [];

test('formatUntil says now once a moment has come, and one number before', () => {
  const spans = [-5000, 999, 1000, MINUTE_MS, 90 * MINUTE_MS, 2.9 * DAY_MS];
  expect(spans.map(formatUntil)).toEqual(['now', 'now', 'in 1s', 'in 1m', 'in 1h', 'in 2d']);
});

describe('formatAgo', () => {
  it('says now within 10 s, and then one number', () => {
    const ages = [0, 9999, 10_000, 59_999, MINUTE_MS, 59.9 * MINUTE_MS, HOUR_MS, 23.9 * HOUR_MS, DAY_MS];
    expect(ages.map(formatAgo)).toEqual([
      'now',
      'now',
      '10s ago',
      '59s ago',
      '1m ago',
      '59m ago',
      '1h ago',
      '23h ago',
      '1d ago',
    ]);
  });
});

it('formatMoment leaves out a date that goes without saying', () => {
  expect(formatMoment(0, 12 * HOUR_MS - 1)).toBe(formatClock(0));
  expect(formatMoment(0, 12 * HOUR_MS)).toBe(formatDateTime(0));
});

describe('formatDuration', () => {
  it('says the two largest units, and leaves out one that is nothing', () => {
    const spans = [-5, 59_999, MINUTE_MS, 61_000, HOUR_MS + MINUTE_MS, DAY_MS + 3 * HOUR_MS + 59 * MINUTE_MS];
    expect(spans.map((ms) => formatDuration(ms))).toEqual(['0s', '59s', '1m', '1m 1s', '1h 1m', '1d 3h']);
  });

  it('says tenths of short ones when they are asked for, and nothing of what is not known', () => {
    expect(numbersOf(formatDuration(1270, { withTenths: true }))).toEqual([1, 3]);
    expect(numbersOf(formatDuration(12_700, { withTenths: true }))).toEqual([12]);
    expect(formatDuration(null)).toBe(UNKNOWN);
  });
});

it('formats the length of a range', () => {
  expect(['15m', '24h', '7d', '1y'].map(formatRange)).toEqual(['15m', '24h', '7d', '1y']);
});
