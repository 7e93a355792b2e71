import { RANKED_METRICS, type RankedMetric } from '@booner/protocol/history-metrics';
import * as z from 'zod/mini';
import { formatBytes, formatLoad, formatPercent, formatRate, formatTemperature } from '../format/numbers.ts';
import type { ValueShape } from './plan-series.ts';

export type MetricShape = ValueShape & { readonly name: string };

const PERCENT = { format: formatPercent, minTop: 1, maxTop: 1 };
const RATE = { format: formatRate, base: 1024 } as const;

/** Metrics that targets are ranked and compared by. */
export const METRIC_SHAPES: Readonly<Record<RankedMetric, MetricShape>> = {
  cpuUsageRatio: { name: 'CPU', ...PERCENT },
  load1Minute: { name: 'Load, 1 minute', format: formatLoad, minTop: 1 },
  memoryUsageRatio: { name: 'Memory', ...PERCENT },
  swapUsedBytes: { name: 'Swap', format: formatBytes, base: 1024 },
  diskUsageRatio: { name: 'Disk (/)', ...PERCENT },
  readBytesPerSecond: { name: 'Disk reads', ...RATE },
  writtenBytesPerSecond: { name: 'Disk writes', ...RATE },
  receivedBytesPerSecond: { name: 'Network received', ...RATE },
  sentBytesPerSecond: { name: 'Network sent', ...RATE },
  temperatureCelsius: { name: 'Temperature', format: formatTemperature, minTop: 50 },
  gpuUsageRatio: { name: 'GPU', ...PERCENT },
  ioPressureRatio: { name: 'I/O pressure', format: formatPercent, minTop: 0.1, maxTop: 1 },
};

export const DEFAULT_METRIC: RankedMetric = 'cpuUsageRatio';

/** A metric in the URL. Invalid values are omitted. */
export const metricField = z.catch(z.optional(z.enum(RANKED_METRICS)), undefined);
