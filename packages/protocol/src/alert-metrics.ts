/**
 * The metrics that alert rules can watch: those of the history, and shares that are computed from
 * them. This module depends on nothing but the history's table, so that pages can import it
 * without zod.
 */

import {
  type DeviceKind,
  HISTORY_METRIC_NAMES,
  HISTORY_METRICS,
  type HistoryMetric,
  type MetricDefinition,
  type MetricUnit,
} from './history-metrics.ts';

type Share = {
  readonly device?: DeviceKind;
  /** The value is `part` / the sum of `whole`. Unknown if one is unknown or the sum is 0. */
  readonly part: HistoryMetric;
  readonly whole: readonly HistoryMetric[];
};

/** Shares of metrics in the history, from 0 to 1. They are computed and not stored. */
const SHARE_METRICS = {
  /** As `df` computes it: blocks that are reserved for root are left out. */
  fileSystemUsageRatio: {
    device: 'fileSystem',
    part: 'fileSystemUsedBytes',
    whole: ['fileSystemUsedBytes', 'fileSystemAvailableBytes'],
  },
  fileSystemInodesUsageRatio: {
    device: 'fileSystem',
    part: 'fileSystemInodesUsed',
    whole: ['fileSystemInodesTotal'],
  },
  memoryAvailableRatio: { part: 'memoryAvailableBytes', whole: ['memoryTotalBytes'] },
} as const satisfies Record<string, Share>;

export type ShareMetric = keyof typeof SHARE_METRICS;
export type AlertMetric = HistoryMetric | ShareMetric;

export const ALERT_METRIC_NAMES: readonly AlertMetric[] = [
  ...HISTORY_METRIC_NAMES,
  ...(Object.keys(SHARE_METRICS) as ShareMetric[]),
];

const isShareMetric = (metric: AlertMetric): metric is ShareMetric => Object.hasOwn(SHARE_METRICS, metric);

/** Returns the unit of a metric. */
export const alertMetricUnit = (metric: AlertMetric): MetricUnit =>
  isShareMetric(metric) ? 'ratio' : HISTORY_METRICS[metric].unit;

/** Returns the kind of the devices that have this metric each; `null`: it is one of the host. */
export function alertMetricDevice(metric: AlertMetric): DeviceKind | null {
  const definition: Share | MetricDefinition = isShareMetric(metric)
    ? SHARE_METRICS[metric]
    : HISTORY_METRICS[metric];
  return definition.device ?? null;
}

/** Words of a name that are written otherwise. */
const WORDS: Readonly<Record<string, string>> = { cpu: 'CPU', gpu: 'GPU', io: 'I/O' };

/** Returns the words of a metric, such as `Memory available` for `memoryAvailableRatio`. */
export function metricTitle(metric: AlertMetric): string {
  const name = metric.replace(/(Ratio|Bytes|BytesPerSecond|PerSecond|Celsius|Watts)$/, '');
  const text = name
    .replace(/(?<=[a-z])(?=[A-Z0-9])|(?<=\d)(?=[A-Z])/g, ' ')
    .toLowerCase()
    .split(' ')
    .map((word) => WORDS[word] ?? word)
    .join(' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Metrics of space that is left: they run out at 0. */
const LEFT_OVER: readonly AlertMetric[] = [
  'memoryAvailableBytes',
  'memoryAvailableRatio',
  'fileSystemAvailableBytes',
];

/** Returns the value at which a resource is used up; `null`: the metric has none. */
export function valueWhenFull(metric: AlertMetric): number | null {
  if (LEFT_OVER.includes(metric)) return 0;
  return alertMetricUnit(metric) === 'ratio' ? 1 : null;
}

/**
 * Returns the metrics of the history that a metric is computed from. Where it is a share, the first
 * one is the part.
 */
export function storedMetricsOf(metric: AlertMetric): readonly HistoryMetric[] {
  if (!isShareMetric(metric)) return [metric];
  const { part, whole }: Share = SHARE_METRICS[metric];
  return [...new Set([part, ...whole])];
}

type Read<From> = (from: From) => number | null;

/**
 * Returns a function that reads a metric of hosts or devices; its result is `null` where the value
 * is unknown.
 * @param readerOf returns the function that reads a metric of the history
 */
export function alertMetricReader<From>(
  metric: AlertMetric,
  readerOf: (metric: HistoryMetric) => Read<From>,
): Read<From> {
  if (!isShareMetric(metric)) return readerOf(metric);
  const { part, whole }: Share = SHARE_METRICS[metric];
  const readPart = readerOf(part);
  const readAddends = whole.map(readerOf);
  return (from) => {
    let sum = 0;
    for (const readAddend of readAddends) sum += readAddend(from) ?? Number.NaN;
    const ratio = (readPart(from) ?? Number.NaN) / sum;
    return Number.isFinite(ratio) ? ratio : null;
  };
}

/**
 * Returns the value of a metric of one host or device; `null`: it is unknown.
 * @param readMetric returns the value of a metric of the history
 */
export const readAlertMetric = (
  metric: AlertMetric,
  readMetric: (metric: HistoryMetric) => number | null,
): number | null => alertMetricReader(metric, (each) => () => readMetric(each))(undefined);
