import type { AlertMetric, SeriesHistory } from '@booner/protocol';
import { readAlertMetric } from '@booner/protocol/alert-metrics';
import type { HistoryMetric } from '@booner/protocol/history-metrics';
import { type Column, meanOf } from '../../history/column.ts';

export type MetricLine = { readonly device: string | null; readonly values: Column };

/** More lines would hide one another. */
export const MAX_LINES = 7;

/** Returns the metrics of the history that a metric is computed from. */
export function historyMetricsOf(metric: AlertMetric): readonly HistoryMetric[] {
  const needed = new Set<HistoryMetric>();
  readAlertMetric(metric, (each) => {
    needed.add(each);
    return 1;
  });
  return [...needed];
}

/** Returns one line for each device that has the metric, those with the highest mean first. */
export function metricLines(
  metric: AlertMetric,
  { series, timesMs }: Pick<SeriesHistory, 'series' | 'timesMs'>,
): readonly MetricLine[] {
  const needed = historyMetricsOf(metric);
  const own = series.filter((one) => needed.includes(one.metric));
  const byDevice = Map.groupBy(own, ({ device }) => device);
  return [...byDevice]
    .map(([device, parts]) => {
      const columns = new Map(parts.map(({ metric, avg }) => [metric, avg]));
      const values = timesMs.map((_, row) =>
        readAlertMetric(metric, (each) => columns.get(each)?.[row] ?? null),
      );
      return { device, values };
    })
    .filter(({ values }) => values.some((value) => value !== null))
    .sort((a, b) => (meanOf(b.values) ?? 0) - (meanOf(a.values) ?? 0));
}
