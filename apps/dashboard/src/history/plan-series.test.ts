import type { SeriesHistory } from '@booner/protocol';
import type { HistoryMetric } from '@booner/protocol/history-metrics';
import { expect, it } from 'vitest';
import { metricsFor, planSeries } from './plan-series.ts';

const HOUR_MS = 3_600_000;

const series = (metric: HistoryMetric, device: string | null, ...avg: (number | null)[]) => ({
  metric,
  device,
  avg,
  min: avg.map((value) => value && value / 2),
  max: avg.map((value) => value && value * 2),
});
const plan = (...all: SeriesHistory['series']) => planSeries({ series: all });

it('has a chart for everything that is known, with the memory up to its size', () => {
  const charts = plan(
    series('cpuUsageRatio', null, 0.1, null),
    series('memoryUsedBytes', null, 10, 20),
    series('memoryTotalBytes', null, 64, 64),
    series('swapUsedBytes', null, 0, 0),
    series('gpuUsageRatio', null, null, null),
  );
  expect(charts.map(({ title }) => title)).toEqual(['CPU', 'Memory']);
  expect(charts[1]).toMatchObject({ minTop: 128, lines: [{ label: 'memory', avg: [10, 20] }] });
});

it('has charts of devices where there are several, fullest first', () => {
  const used = (device: string, bytes: number) => [
    series('fileSystemUsedBytes', device, bytes),
    series('fileSystemAvailableBytes', device, 100 - bytes),
  ];
  const [chart, ...others] = plan(
    ...used('/', 25),
    ...used('/srv', 75),
    series('interfaceSentBytesPerSecond', 'eth0', 5),
  );
  expect(others).toEqual([]);
  expect(chart?.title).toBe('Disk use by file system');
  expect(chart?.lines.map(({ label, avg }) => [label, avg])).toEqual([
    ['/srv', [0.75]],
    ['/', [0.25]],
  ]);
});

it('shows at most seven devices, and says so; many cores are a map beside the CPU', () => {
  const many = Array.from({ length: 12 }, (_, index) => String(index));
  const charts = plan(
    series('load1Minute', null, 1),
    series('cpuUsageRatio', null, 0.5),
    ...many.map((core) => series('coreUsageRatio', core, 0.5)),
    ...many.map((sensor) => series('sensorCelsius', sensor, Number(sensor))),
  );
  expect(charts.map(({ id }) => id)).toEqual(['cpu', 'cores', 'load', 'sensors']);
  expect(charts[1]).toMatchObject({ isMap: true, remark: null });
  expect(charts[1]?.lines.map(({ label }) => label)).toEqual(many);
  expect(charts[3]).toMatchObject({ isMap: false, remark: 'highest 7 of 12' });
  expect(charts[3]?.lines[0]?.label).toBe('11');
});

it('asks for cores over short ranges only', () => {
  expect(metricsFor(6 * HOUR_MS)).toContain('coreUsageRatio');
  expect(metricsFor(24 * HOUR_MS)).not.toContain('coreUsageRatio');
});
