import type { SeriesHistory } from '@booner/protocol';
import type { HistoryMetric } from '@booner/protocol/history-metrics';
import {
  formatBytes,
  formatCount,
  formatLoad,
  formatPercent,
  formatRate,
  formatTemperature,
  formatWatts,
} from '../format/numbers.ts';
import { type Column, highestOf, meanOf } from './column.ts';

/** Average, minimum and maximum of something over time. */
export type SeriesLine = {
  readonly label: string;
  readonly avg: Column;
  readonly min: Column;
  readonly max: Column;
};

export type ValueShape = {
  readonly format: (value: number) => string;
  readonly base?: 1024;
  readonly minTop?: number;
  readonly maxTop?: number;
};

/** A chart of a stored range. */
export type SeriesChartPlan = ValueShape & {
  /** In the URL, and in the names of files. */
  readonly id: string;
  readonly title: string;
  readonly lines: readonly SeriesLine[];
  /** Says which devices are left out. */
  readonly remark: string | null;
  /** Drawn as a map, one row for each line. */
  readonly isMap: boolean;
};

/** More lines would hide one another. */
const MAX_LINES = 7;
/** Cores change too quickly to be of interest over longer ranges. */
const CORES_UP_TO_MS = 6 * 3_600_000;

const PERCENT: ValueShape = { format: formatPercent, minTop: 1, maxTop: 1 };
const BYTES: ValueShape = { format: formatBytes, base: 1024 };
const RATE: ValueShape = { format: formatRate, base: 1024 };
const DEGREES: ValueShape = { format: formatTemperature, minTop: 50 };

type HostChart = ValueShape & {
  readonly id: string;
  readonly title: string;
  readonly metrics: Readonly<Partial<Record<HistoryMetric, string>>>;
  /** Metric whose highest value is the top of the axis. */
  readonly top?: HistoryMetric;
};

const HOST_CHARTS: readonly HostChart[] = [
  { id: 'cpu', title: 'CPU', metrics: { cpuUsageRatio: 'used' }, ...PERCENT },
  {
    id: 'memory',
    title: 'Memory',
    metrics: { memoryUsedBytes: 'memory', swapUsedBytes: 'swap' },
    top: 'memoryTotalBytes',
    ...BYTES,
  },
  { id: 'load', title: 'Load, 1 minute', metrics: { load1Minute: 'load' }, format: formatLoad, minTop: 1 },
  {
    id: 'network',
    title: 'Network',
    metrics: { receivedBytesPerSecond: 'received', sentBytesPerSecond: 'sent' },
    ...RATE,
  },
  {
    id: 'disk-io',
    title: 'Disk I/O',
    metrics: { readBytesPerSecond: 'read', writtenBytesPerSecond: 'written' },
    ...RATE,
  },
  { id: 'disk-use', title: 'Disk use of /', metrics: { diskUsageRatio: 'used' }, ...PERCENT },
  {
    id: 'temperature',
    title: 'Temperature, hottest sensor',
    metrics: { temperatureCelsius: 'hottest' },
    ...DEGREES,
  },
  { id: 'gpu', title: 'GPU', metrics: { gpuUsageRatio: 'used' }, ...PERCENT },
  { id: 'gpu-memory', title: 'GPU memory', metrics: { gpuMemoryUsedBytes: 'used' }, ...BYTES },
  {
    id: 'pressure',
    title: 'Pressure',
    metrics: { cpuPressureRatio: 'CPU', memoryPressureRatio: 'memory', ioPressureRatio: 'I/O' },
    format: formatPercent,
    minTop: 0.1,
    maxTop: 1,
  },
  {
    id: 'processes',
    title: 'Processes',
    metrics: { processesTotal: 'processes' },
    format: formatCount,
  },
];

type DeviceChart = ValueShape & {
  readonly id: string;
  readonly title: string;
  readonly metric: HistoryMetric;
  /** The values are shares: of the metric and this one. */
  readonly rest?: HistoryMetric;
  /** Fewer devices have no chart: it would repeat that of the host. */
  readonly fewest: number;
  readonly isMap?: boolean;
};

const DEVICE_CHARTS: readonly DeviceChart[] = [
  { id: 'cores', title: 'CPU by core', metric: 'coreUsageRatio', fewest: 2, isMap: true, ...PERCENT },
  {
    id: 'file-systems',
    title: 'Disk use by file system',
    metric: 'fileSystemUsedBytes',
    rest: 'fileSystemAvailableBytes',
    fewest: 2,
    ...PERCENT,
  },
  { id: 'disks-busy', title: 'Busy by disk', metric: 'diskBusyRatio', fewest: 2, ...PERCENT },
  { id: 'disks-read', title: 'Read by disk', metric: 'diskReadBytesPerSecond', fewest: 2, ...RATE },
  { id: 'disks-written', title: 'Written by disk', metric: 'diskWrittenBytesPerSecond', fewest: 2, ...RATE },
  {
    id: 'received',
    title: 'Received by interface',
    metric: 'interfaceReceivedBytesPerSecond',
    fewest: 2,
    ...RATE,
  },
  { id: 'sent', title: 'Sent by interface', metric: 'interfaceSentBytesPerSecond', fewest: 2, ...RATE },
  { id: 'sensors', title: 'Temperature by sensor', metric: 'sensorCelsius', fewest: 2, ...DEGREES },
  { id: 'gpus', title: 'Use by GPU', metric: 'gpuDeviceUsageRatio', fewest: 2, ...PERCENT },
  { id: 'gpus-memory', title: 'Memory by GPU', metric: 'gpuDeviceMemoryUsedBytes', fewest: 2, ...BYTES },
  { id: 'gpus-celsius', title: 'Temperature by GPU', metric: 'gpuDeviceCelsius', fewest: 1, ...DEGREES },
  { id: 'gpus-watts', title: 'Power by GPU', metric: 'gpuDevicePowerWatts', fewest: 1, format: formatWatts },
];

/** Returns the metrics of all charts of a range. */
export function metricsFor(rangeMs: number): readonly HistoryMetric[] {
  const ofHost = HOST_CHARTS.flatMap(({ metrics, top }) => [
    ...(Object.keys(metrics) as HistoryMetric[]),
    ...(top === undefined ? [] : [top]),
  ]);
  const ofDevices = DEVICE_CHARTS.filter(({ id }) => id !== 'cores' || rangeMs <= CORES_UP_TO_MS);
  return [
    ...ofHost,
    ...ofDevices.flatMap(({ metric, rest }) => (rest === undefined ? [metric] : [metric, rest])),
  ];
}

type Series = SeriesHistory['series'][number];

/** Returns the charts of what is known in a range. */
export function planSeries({ series }: Pick<SeriesHistory, 'series'>): readonly SeriesChartPlan[] {
  const known = series.filter(({ avg }) => avg.some((value) => value !== null));
  const ofMetric = (metric: HistoryMetric) => known.filter((one) => one.metric === metric);
  const charts: SeriesChartPlan[] = [];
  for (const { metrics, top, ...chart } of HOST_CHARTS) {
    const lines = Object.entries(metrics).flatMap(([metric, label]) =>
      ofMetric(metric as HistoryMetric)
        .filter((one) => metric !== 'swapUsedBytes' || one.max.some((value) => (value ?? 0) > 0))
        .map((one): SeriesLine => ({ label, avg: one.avg, min: one.min, max: one.max })),
    );
    if (lines.length === 0) continue;
    const [size] = top === undefined ? [] : ofMetric(top);
    const minTop = size === undefined ? chart.minTop : (highestOf([size.max]) ?? undefined);
    const title = lines.length > 1 && chart.id === 'memory' ? 'Memory and swap' : chart.title;
    charts.push({
      ...chart,
      ...(minTop !== undefined && { minTop }),
      title,
      lines,
      remark: null,
      isMap: false,
    });
  }
  const [cpu, ...others] = charts;
  const devices = DEVICE_CHARTS.flatMap((chart) => planDevices(chart, ofMetric) ?? []);
  // Cores stand beside the CPU.
  const cores = devices.filter(({ id }) => id === 'cores');
  const rest = devices.filter(({ id }) => id !== 'cores');
  return [...(cpu === undefined ? [] : [cpu]), ...cores, ...others, ...rest];
}

function planDevices(
  { metric, rest, fewest, isMap = false, ...chart }: DeviceChart,
  ofMetric: (metric: HistoryMetric) => readonly Series[],
): SeriesChartPlan | null {
  const others = rest === undefined ? [] : ofMetric(rest);
  const all = ofMetric(metric).map((one): SeriesLine => {
    const { device, avg, min, max } = one;
    const label = device ?? '';
    if (rest === undefined) return { label, avg, min, max };
    const other = others.find((each) => each.device === device);
    const share = (used: Column, free: Column | undefined) =>
      used.map((bytes, row) => shareOf(bytes, free?.[row] ?? null));
    return {
      label,
      avg: share(avg, other?.avg),
      // What is used most leaves least.
      min: share(min, other?.max),
      max: share(max, other?.min),
    };
  });
  if (all.length < fewest) return null;
  if (isMap && all.length > MAX_LINES) return { ...chart, lines: byNumber(all), remark: null, isMap: true };
  const lines = isMap ? byNumber(all) : mostFirst(all).slice(0, MAX_LINES);
  const remark = all.length > lines.length ? `highest ${lines.length} of ${all.length}` : null;
  return { ...chart, lines, remark, isMap: false };
}

const shareOf = (used: number | null, free: number | null): number | null =>
  used === null || free === null || used + free <= 0 ? null : used / (used + free);

const byNumber = (lines: readonly SeriesLine[]): readonly SeriesLine[] =>
  [...lines].sort((a, b) => Number(a.label) - Number(b.label));

function mostFirst(lines: readonly SeriesLine[]): readonly SeriesLine[] {
  const ranked = lines.map((line) => ({ line, mean: meanOf(line.avg) ?? -1 }));
  return ranked.sort((a, b) => b.mean - a.mean).map(({ line }) => line);
}
