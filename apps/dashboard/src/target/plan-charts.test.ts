import { emptyHistory } from '@booner/client';
import type { Sample, TargetHistory } from '@booner/protocol';
import { NOTHING_MEASURED } from '@booner/protocol/nothing-measured';
import { expect, test } from 'vitest';
import { planCharts } from './plan-charts.ts';

const sample = (parts: Partial<Sample>): Sample => ({ ...(NOTHING_MEASURED as Sample), ...parts });
const titles = (...args: Parameters<typeof planCharts>) =>
  planCharts(...args).charts.map(({ title }) => title);

test('before anything is known the charts that every host has are there', () => {
  expect(titles(null, null)).toEqual([
    'CPU',
    'Memory',
    'Load (1 min)',
    'Network',
    'Disk I/O',
    'Disk use of /',
  ]);
});

test('what the host does not have is left out', () => {
  const memory = { totalBytes: 8, usedBytes: 2, availableBytes: 6, buffersBytes: null, cachedBytes: null };
  expect(
    titles(null, sample({ memory, swap: { totalBytes: 0, usedBytes: 0 }, gpus: [], temperatures: [] })),
  ).toEqual(['Memory']);
});

test('what could not be read says why', () => {
  const plan = planCharts(null, sample({ unavailable: { temperatures: 'no hwmon on this host' } }));
  expect(plan.unavailable).toEqual([
    { title: 'Temperature, hottest sensor', reason: 'no hwmon on this host' },
  ]);
});

test('what was known in the last minutes has a chart, though it cannot be read now', () => {
  const history: TargetHistory = { ...emptyHistory(null, 0, 0), times: [0], temperatureCelsius: [51] };
  const plan = planCharts(history, sample({ unavailable: { temperatures: 'gone' } }));
  expect(plan.charts.map(({ title }) => title)).toEqual(['Temperature, hottest sensor']);
  expect(plan.unavailable).toEqual([]);
});

test('memory reaches up to its size, and has swap beside it where there is some', () => {
  const memory = { totalBytes: 8, usedBytes: 2, availableBytes: 6, buffersBytes: null, cachedBytes: null };
  const [chart] = planCharts(null, sample({ memory, swap: { totalBytes: 4, usedBytes: 1 } })).charts;
  expect(chart).toMatchObject({ title: 'Memory and swap', minTop: 8 });
  expect(chart?.figures.map(({ name }) => name)).toEqual(['memoryUsedBytes', 'swapUsedBytes']);
});
