import { describe, expect, it } from 'vitest';
import { UNKNOWN } from './numbers.ts';
import { formatAgo, formatDuration } from './times.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Returns the numbers in a text, which are the same in all locales with Latin digits. */
const numbersOf = (text: string) => text.match(/\d+/g)?.map(Number) ?? [];

describe('formatAgo', () => {
  it('says now within 10 s, and then one number', () => {
    expect(formatAgo(0)).toBe(formatAgo(9999));
    const ages = [10_000, 59_999, MINUTE_MS, 59.9 * MINUTE_MS, HOUR_MS, 23.9 * HOUR_MS, DAY_MS, 400 * DAY_MS];
    expect(ages.map((ageMs) => numbersOf(formatAgo(ageMs)))).toEqual([
      [10],
      [59],
      [1],
      [59],
      [1],
      [23],
      [1],
      [400],
    ]);
  });
});

describe('formatDuration', () => {
  it('says the two largest units, and leaves out one that is nothing', () => {
    const spans = [-5, 59_999, MINUTE_MS, 61_000, HOUR_MS + MINUTE_MS, DAY_MS + 3 * HOUR_MS + 59 * MINUTE_MS];
    expect(spans.map((ms) => numbersOf(formatDuration(ms)))).toEqual([
      [0],
      [59],
      [1],
      [1, 1],
      [1, 1],
      [1, 3],
    ]);
  });

  it('says tenths of short ones when they are asked for, and nothing of what is not known', () => {
    expect(numbersOf(formatDuration(1270, { withTenths: true }))).toEqual([1, 3]);
    expect(numbersOf(formatDuration(12_700, { withTenths: true }))).toEqual([12]);
    expect(formatDuration(null)).toBe(UNKNOWN);
  });
});
