import { type SeriesHistory, storedMetricsOf } from '@booner/protocol';
import { alertMetricDevice } from '@booner/protocol/alert-metrics';
import type { HistoryMetric } from '@booner/protocol/history-metrics';
import type { CompiledRule } from '../rules/compile-rule.ts';

type MetricCondition = Extract<CompiledRule['condition'], { type: 'metric' }>;

/** Metrics of nearly every sample. They show when something was received at all. */
const SIGNS_OF_LIFE: readonly HistoryMetric[] = ['cpuUsageRatio', 'memoryTotalBytes'];

/** Returns the metrics of the history that a trial of a rule reads. */
export const trialMetrics = ({ condition }: CompiledRule): readonly HistoryMetric[] => {
  const stored = condition.type === 'metric' ? storedMetricsOf(condition.metric) : [];
  return [...new Set([...stored, ...SIGNS_OF_LIFE])];
};

type Aggregate = 'avg' | 'min' | 'max';
type Columns = SeriesHistory['series'][number];

/** One device of a page, or the host itself: its columns by metric. */
export type DeviceColumns = ReadonlyMap<HistoryMetric, Columns>;

/** Returns the columns of each device that has a metric, or of the host, which is always there. */
export function columnsByDevice(
  { series }: SeriesHistory,
  { metric }: MetricCondition,
): ReadonlyMap<string | null, DeviceColumns> {
  const stored = storedMetricsOf(metric);
  const devices = new Map<string | null, Map<HistoryMetric, Columns>>();
  if (alertMetricDevice(metric) === null) devices.set(null, new Map());
  for (const columns of series) {
    if (!stored.includes(columns.metric)) continue;
    const device = devices.get(columns.device) ?? new Map<HistoryMetric, Columns>();
    devices.set(columns.device, device.set(columns.metric, columns));
  }
  return devices;
}

const OPPOSITE = { avg: 'avg', min: 'max', max: 'min' } as const satisfies Record<Aggregate, Aggregate>;

/**
 * Returns which aggregate of a point stands for a metric. A share is at its highest when its part
 * is, and the rest of the whole is at its lowest.
 */
export function aggregateOf(condition: MetricCondition): (metric: HistoryMetric) => Aggregate {
  const aggregate = condition.function === 'min' || condition.function === 'max' ? condition.function : 'avg';
  const [part] = storedMetricsOf(condition.metric);
  return (metric) => (metric === part ? aggregate : OPPOSITE[aggregate]);
}
