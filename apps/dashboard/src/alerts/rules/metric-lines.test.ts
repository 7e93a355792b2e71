import type { SeriesHistory } from '@booner/protocol';
import { expect, test } from 'vitest';
import { historyMetricsOf, metricLines } from './metric-lines.ts';

const series = (metric: string, device: string | null, ...avg: (number | null)[]) =>
  ({ metric, device, avg, min: avg, max: avg }) as SeriesHistory['series'][number];

test('shares are computed for each device, and unknown where a part is', () => {
  const lines = metricLines('fileSystemUsageRatio', {
    timesMs: [0, 1, 2],
    series: [
      series('fileSystemUsedBytes', '/', 1, 2, null),
      series('fileSystemAvailableBytes', '/', 3, 2, 4),
      series('fileSystemUsedBytes', '/srv', 9, 9, 9),
      series('fileSystemAvailableBytes', '/srv', 1, null, 1),
      series('cpuUsageRatio', null, 1, 1, 1),
    ],
  });
  expect(lines).toEqual([
    { device: '/srv', values: [0.9, null, 0.9] },
    { device: '/', values: [0.25, 0.5, null] },
  ]);
});

test('only what is needed is asked for', () => {
  expect(historyMetricsOf('cpuUsageRatio')).toEqual(['cpuUsageRatio']);
  expect(new Set(historyMetricsOf('fileSystemUsageRatio'))).toEqual(
    new Set(['fileSystemUsedBytes', 'fileSystemAvailableBytes']),
  );
});
