import { expect, it } from 'vitest';
import { compareLines } from './compare-lines.ts';

const target = (host: string, timesMs: number[], ...avg: (number | null)[]) => ({
  host: host as never,
  timesMs,
  series: [{ metric: 'cpuUsageRatio' as const, device: null, avg, min: avg, max: avg }],
});

it('puts targets on common times, with gaps where one has no point', () => {
  const { times, lines } = compareLines([target('a', [0, 10, 30], 1, 2, 3), target('b', [10, 20], 4, 5)], 10);
  expect(times).toEqual([0, 10, 20, 30]);
  expect(lines.map(({ label, avg }) => [label, avg])).toEqual([
    ['a', [1, 2, null, 3]],
    ['b', [null, 4, 5, null]],
  ]);
});

it('puts samples, which no two targets take at once, at the nearest time', () => {
  const { times, lines } = compareLines(
    [target('a', [0, 10, 20, 30], 1, 2, 3, 4), target('b', [4, 14, 24], 5, 6, 7), target('c', [])],
    null,
  );
  expect(times).toEqual([0, 10, 20, 30]);
  expect(lines.map(({ avg }) => avg)).toEqual([
    [1, 2, 3, 4],
    [5, 6, 7, 7],
    [null, null, null, null],
  ]);
});
