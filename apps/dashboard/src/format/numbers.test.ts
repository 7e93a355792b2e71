import { describe, expect, it } from 'vitest';
import { formatBytes, formatPercent, formatRate, ratioOf, UNKNOWN } from './numbers.ts';

/** Uses a point, whatever the machine's locale. */
const plain = (text: string) => text.replace(',', '.').replaceAll(/[\u00a0\u202f]/g, ' ');

describe('formatPercent', () => {
  it('says 100 for what is full alone, and nothing of what is not known', () => {
    expect([0, 0.004, 0.295, 0.996, 1].map((ratio) => plain(formatPercent(ratio)).replace(' ', ''))).toEqual([
      '0%',
      '0%',
      '30%',
      '99%',
      '100%',
    ]);
    expect([null, undefined, Number.NaN].map(formatPercent)).toEqual([UNKNOWN, UNKNOWN, UNKNOWN]);
  });
});

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '0.98 KB'],
    [1536, '1.50 KB'],
    [9.994 * 2 ** 20, '9.99 MB'],
    [9.996 * 2 ** 20, '10.0 MB'],
    [99.96 * 2 ** 30, '100 GB'],
    [999.6 * 2 ** 30, '0.98 TB'],
    [2 ** 60, '1024 PB'],
  ])('says %d as %s', (bytes, text) => {
    expect(plain(formatBytes(bytes)).replaceAll('.024', '024')).toBe(text);
  });

  it('says a rate by the second, and nothing of what is not known', () => {
    expect(plain(formatRate(2048))).toBe('2.00 KB/s');
    expect([formatBytes(null), formatRate(undefined)]).toEqual([UNKNOWN, UNKNOWN]);
  });
});

it('takes no share of what is not known, or of nothing', () => {
  expect([ratioOf(1, 4), ratioOf(null, 4), ratioOf(1, null), ratioOf(0, 0)]).toEqual([
    0.25,
    null,
    null,
    null,
  ]);
});
