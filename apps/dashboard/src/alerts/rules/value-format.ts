import type { AlertMetric } from '@booner/protocol';
import { alertMetricUnit } from '@booner/protocol/alert-metrics';
import type { MetricUnit } from '@booner/protocol/history-metrics';
import {
  formatBytes,
  formatCount,
  formatLoad,
  formatPercent,
  formatRate,
  formatTemperature,
  formatWatts,
} from '../../format/numbers.ts';

type ValueFormat = {
  readonly text: (value: number) => string;
  readonly base?: 1024;
  readonly minTop?: number;
  readonly maxTop?: number;
};

const FORMATS: Readonly<Record<MetricUnit, ValueFormat>> = {
  ratio: { text: formatPercent, minTop: 1, maxTop: 1 },
  bytes: { text: formatBytes, base: 1024 },
  bytesPerSecond: { text: formatRate, base: 1024 },
  perSecond: { text: (value) => `${formatCount(value)}/s` },
  celsius: { text: formatTemperature, minTop: 50 },
  watts: { text: formatWatts },
  load: { text: formatLoad, minTop: 1 },
  count: { text: formatCount },
};

/** Returns how the values of a metric are written and drawn. */
export const valueFormat = (metric: AlertMetric): ValueFormat => FORMATS[alertMetricUnit(metric)];
