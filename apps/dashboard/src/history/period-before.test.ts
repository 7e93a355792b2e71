import { expect, it } from 'vitest';
import { withBefore } from './period-before.ts';

const columns = (timesMs: number[], ...avg: (number | null)[]) => ({
  timesMs,
  series: [{ metric: 'cpuUsageRatio' as const, device: null, avg, min: avg, max: avg }],
});

it('puts each row of the period before at the row that it was recorded for', () => {
  const now = columns([100, 110, 120, 130], 1, 2, 3, 4);
  // 2 off, since the range is not a multiple of its points
  const { before } = withBefore(now, columns([2, 12, 22, 32, 42], 5, 6, 7, 8, 9), 100);
  expect(before.timesMs).toEqual([100, 110, 120, 130, 142]);
  expect(before.series[0]?.avg).toEqual([5, 6, 7, 8, 9]);
});

it('shows the period before through a silence of the range', () => {
  const now = columns([100, 110, 120, 200, 210], 1, 2, null, 3, 4);
  const earlier = columns([0, 10, 20, 30, 40, 100, 110], 9, 9, 9, 9, 9, 9, 9);
  const both = withBefore(now, earlier, 100);
  expect(both.now.timesMs).toEqual([100, 110, 120, 130, 140, 200, 210]);
  expect(both.now.series[0]?.avg).toEqual([1, 2, null, null, null, 3, 4]);
  expect(both.before.series[0]?.avg).toEqual([9, 9, 9, 9, 9, 9, 9]);
});

it('is all of the period before where the range has nothing', () => {
  const both = withBefore(columns([]), columns([0, 10], 1, 2), 100);
  expect(both.now.timesMs).toEqual([100, 110]);
  expect(both.before.series[0]?.avg).toEqual([1, 2]);
});
