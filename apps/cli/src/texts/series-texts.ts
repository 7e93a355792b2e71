import type { SeriesHistory } from '@booner/protocol';
import { type AlertMetric, alertMetricUnit } from '@booner/protocol/alert-metrics';
import { HISTORY_METRICS, type MetricUnit } from '@booner/protocol/history-metrics';
import type { ChartCell } from '../terminal/chart.ts';
import { bytesText } from '../terminal/figures.ts';

type OneSeries = SeriesHistory['series'][number];
type SomeValue = number | null | undefined;

const numberText = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);

const UNIT_TEXTS: { readonly [Unit in MetricUnit]: (value: number) => string } = {
  ratio: (value) => `${(value * 100).toFixed(1)} %`,
  bytes: bytesText,
  bytesPerSecond: (value) => `${bytesText(value)}/s`,
  perSecond: (value) => `${numberText(value)}/s`,
  celsius: (value) => `${value.toFixed(1)} °C`,
  watts: (value) => `${value.toFixed(1)} W`,
  load: numberText,
  count: numberText,
};

/** Formats a value in the unit of its metric; `--` if unknown. */
export const valueText = (metric: AlertMetric, value: SomeValue): string =>
  value == null ? '--' : UNIT_TEXTS[alertMetricUnit(metric)](value);

/** Returns the value at the top of a chart: 100 % for ratios, otherwise the highest one. */
export const topOf = ({ metric, max }: OneSeries): number =>
  HISTORY_METRICS[metric].unit === 'ratio' ? 1 : Math.max(0, ...knownIn(max));

const knownIn = (values: readonly (number | null)[]): number[] => values.filter((value) => value !== null);

/**
 * Average, minimum and maximum of a whole range, and its last value; `undefined` without values.
 */
export function summaryOf({ avg, min, max }: OneSeries) {
  const averages = knownIn(avg);
  const count = averages.length;
  return {
    last: averages.at(-1),
    avg: count === 0 ? undefined : averages.reduce((sum, value) => sum + value, 0) / count,
    min: count === 0 ? undefined : Math.min(...knownIn(min)),
    max: count === 0 ? undefined : Math.max(...knownIn(max)),
  };
}

/**
 * Spreads a series over columns of equal time. A point lasts until the next one, and a row of
 * `null` is where a silence begins, so silences stay gaps.
 */
export function cellsOf(
  { fromMs, toMs, timesMs, stepMs }: SeriesHistory,
  { avg, min, max }: OneSeries,
  columns: number,
): ChartCell[] {
  const cells: ({ sum: number; count: number; min: number; max: number } | null)[] =
    Array(columns).fill(null);
  const columnOf = (atMs: number) => ((atMs - fromMs) / (toMs - fromMs)) * columns;
  for (const [row, atMs] of timesMs.entries()) {
    const [value, low, high] = [avg[row], min[row], max[row]];
    if (value == null || low == null || high == null) continue;
    const lastMs = atMs + (stepMs ?? atMs - (timesMs[row - 1] ?? atMs));
    const endMs = timesMs[row + 1] ?? lastMs;
    const first = Math.max(0, Math.floor(columnOf(atMs)));
    const last = Math.min(columns - 1, Math.max(first, Math.ceil(columnOf(endMs)) - 1));
    for (let column = first; column <= last; column++) {
      const cell = cells[column];
      if (cell == null) cells[column] = { sum: value, count: 1, min: low, max: high };
      else {
        cell.sum += value;
        cell.count += 1;
        cell.min = Math.min(cell.min, low);
        cell.max = Math.max(cell.max, high);
      }
    }
  }
  return cells.map((cell) =>
    cell === null ? null : { avg: cell.sum / cell.count, min: cell.min, max: cell.max },
  );
}
