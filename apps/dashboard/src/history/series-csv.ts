import { csvCell } from '@booner/protocol/csv-cell';
import type { Column } from './column.ts';
import type { SeriesLine } from './plan-series.ts';

export type CsvTable = {
  readonly times: readonly number[];
  readonly lines: readonly SeriesLine[];
  /** Lines of the previous period; empty if not compared. */
  readonly before: readonly SeriesLine[];
};

/**
 * Returns what a chart shows as CSV (RFC 4180), in plain units: bytes, shares of 1, degrees
 * Celsius.
 */
export function seriesCsv({ times, lines, before }: CsvTable): string {
  const columns: { readonly head: string; readonly values: Column }[] = [];
  for (const { label, avg, min, max } of lines) {
    columns.push({ head: `${label} avg`, values: avg });
    columns.push({ head: `${label} min`, values: min });
    columns.push({ head: `${label} max`, values: max });
  }
  for (const { label, avg } of before) columns.push({ head: `${label} avg before`, values: avg });
  const rows = times.map((atMs, row) => [
    new Date(atMs).toISOString(),
    ...columns.map(({ values }) => String(values[row] ?? '')),
  ]);
  return [['time', ...columns.map(({ head }) => head)], ...rows]
    .map((row) => `${row.map(csvCell).join(',')}\r\n`)
    .join('');
}
