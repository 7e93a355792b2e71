import { expect, it } from 'vitest';
import { createRecentSeries, NO_POINTS, type RecentPoints } from './recent-series.ts';

const SPAN_MS = 100;

function seriesOf({ times, values }: RecentPoints) {
  const series = createRecentSeries(SPAN_MS);
  for (const [index, atMs] of times.entries()) series.add(atMs, values[index] ?? null);
  return series;
}

it('takes each point once, and stays the same object between two', () => {
  const series = seriesOf({ times: [20, 30], values: [0.2, 0.3] });
  const before = series.points();
  series.add(30, 0.9);
  expect(series.points()).toBe(before);
  series.add(40, null);
  expect(series.points()).toEqual({ times: [20, 30, 40], values: [0.2, 0.3, null] });
  expect(before.times).toEqual([20, 30]);
});

it('forgets what is older than its span', () => {
  const series = seriesOf({ times: [0, 90, 151], values: [1, 2, 3] });
  expect(series.points()).toEqual({ times: [90, 151], values: [2, 3] });
});

it('joins what a hub remembers with what came since', () => {
  const series = seriesOf({ times: [20, 30, 40], values: [0.2, 0.3, 0.4] });
  series.fill(NO_POINTS);
  series.fill({ times: [10, 20, 30], values: [1, 2, 3] });
  expect(series.points()).toEqual({ times: [10, 20, 30, 40], values: [1, 2, 3, 0.4] });
});

it('takes the end of a silence for no measurement', () => {
  const filled = (atMs: number) => {
    const series = seriesOf({ times: [atMs], values: [0.5] });
    series.fill({ times: [10, 20], values: [1, null] });
    return series.points();
  };
  expect(filled(19)).toEqual({ times: [10, 19], values: [1, 0.5] });
  expect(filled(80)).toEqual({ times: [10, 80], values: [1, 0.5] });
  expect(filled(5)).toEqual({ times: [10, 20], values: [1, null] });
});
