import { expect, it } from 'vitest';
import { Gaps } from './gaps.ts';

const HOUR_MS = 3_600_000;

it('finds the time in which samples of a host were missed, once', () => {
  const gaps = new Gaps();
  for (const atMs of [0, 3000, 6000, 60_000, 63_000]) gaps.note('a', atMs, 3000);
  for (const atMs of [0, 3100, 9000]) gaps.note('b', atMs, 3000);
  expect(gaps.take(10)).toEqual([{ host: 'a', fromMs: 6001, toMs: 60_000 }]);
  expect(gaps.take(10)).toEqual([]);
});

it('joins gaps of one host, and takes some hosts at a time', () => {
  const gaps = new Gaps();
  for (const host of ['a', 'b']) for (const atMs of [0, 60_000, 120_000]) gaps.note(host, atMs, 3000);
  expect(gaps.take(1)).toEqual([{ host: 'a', fromMs: 1, toMs: 120_000 }]);
  expect(gaps.take(1)).toEqual([{ host: 'b', fromMs: 1, toMs: 120_000 }]);
});

it('joins what was missed before the start with a gap that came after it', () => {
  const gaps = new Gaps();
  gaps.note('a', 10_000, 500);
  gaps.note('a', 20_000, 500);
  gaps.addBefore('a', 4_000, 10_000);
  expect(gaps.take(10)).toEqual([{ host: 'a', fromMs: 4_000, toMs: 20_000 }]);
});

it('asks agents for what was missed before the start, and for no more than they keep', () => {
  const gaps = new Gaps();
  gaps.note('a', 10 * HOUR_MS, 3000);
  gaps.note('a', 10 * HOUR_MS + 3000, 3000);
  expect([...gaps.takeFirst()]).toEqual([['a', 10 * HOUR_MS]]);
  expect([...gaps.takeFirst()]).toEqual([]);
  gaps.addBefore('a', 9 * HOUR_MS, 10 * HOUR_MS);
  expect(gaps.takeLong()).toBeNull();
  gaps.addBefore('b', 4 * HOUR_MS, 10 * HOUR_MS);
  gaps.addBefore('c', null, 10 * HOUR_MS);
  expect(gaps.take(10)).toEqual([
    { host: 'a', fromMs: 9 * HOUR_MS, toMs: 10 * HOUR_MS },
    { host: 'b', fromMs: 8 * HOUR_MS, toMs: 10 * HOUR_MS },
    { host: 'c', fromMs: 8 * HOUR_MS, toMs: 10 * HOUR_MS },
  ]);
  expect(gaps.takeLong()).toEqual({ fromMs: 0, toMs: 10 * HOUR_MS });
  expect(gaps.takeLong()).toBeNull();
});

it('looks up what is stored of a host again when the clock was set back, since samples had wrong times', () => {
  const gaps = new Gaps();
  for (const atMs of [0, 3000, HOUR_MS]) gaps.note('a', atMs, 3000);
  expect([...gaps.takeFirst()]).toEqual([['a', 0]]);
  expect(gaps.take(1)).toHaveLength(1);
  gaps.note('a', HOUR_MS - 3000, 3000);
  expect([...gaps.takeFirst()]).toEqual([]);
  gaps.note('a', 603_000, 3000);
  gaps.note('a', 606_000, 3000);
  expect([...gaps.takeFirst()]).toEqual([['a', 603_000]]);
  gaps.addBefore('a', 0, 603_000);
  expect(gaps.take(1)).toEqual([{ host: 'a', fromMs: 0, toMs: 603_000 }]);
});
