import { LEVELS } from './bar.ts';

/** A column of a chart; `null`: no data for its time. */
export type ChartCell = { readonly avg: number; readonly min: number; readonly max: number } | null;

export type ChartOptions = {
  readonly rows: number;
  /** Value at the top. The bottom is 0. */
  readonly top: number;
  readonly hasUnicode: boolean;
};

/**
 * Renders values as columns, one cell wide each: full up to the average, shaded up to the maximum.
 * A known value is at least a line at the bottom, so that 0 differs from a gap.
 * @returns lines, the top one first
 */
export function chartLines(cells: readonly ChartCell[], { rows, top, hasUnicode }: ChartOptions): string[] {
  const scaled = (value: number) => (top > 0 ? Math.min(1, Math.max(0, value / top)) * rows : 0);
  return Array.from({ length: rows }, (_, line) => {
    const row = rows - 1 - line;
    return cells
      .map((cell) => {
        if (cell === null) return ' ';
        return cellText({ avg: scaled(cell.avg) - row, max: scaled(cell.max) - row, row, hasUnicode });
      })
      .join('')
      .trimEnd();
  });
}

type Cell = {
  /** Heights above the bottom of the row, in rows. */
  readonly avg: number;
  readonly max: number;
  readonly row: number;
  readonly hasUnicode: boolean;
};

function cellText({ avg, max, row, hasUnicode }: Cell): string {
  const eighths = Math.round(Math.min(1, avg) * LEVELS.length);
  if (hasUnicode) {
    if (eighths >= 1) return LEVELS[eighths - 1] ?? ' ';
    if (max >= 0.5) return '░';
  } else {
    if (avg >= 0.5) return '#';
    if (max >= 0.5) return ':';
  }
  if (row > 0) return ' ';
  return hasUnicode ? '▁' : '_';
}
