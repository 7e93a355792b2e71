import { type ReactNode, useMemo } from 'react';
import type uPlot from 'uplot';
import { formatPercent, UNKNOWN } from '../format/numbers.ts';
import { formatClock } from '../format/times.ts';
import { type ChartColors, fade, useChartColors } from './chart-colors.ts';
import { ChartFrame } from './chart-frame.tsx';
import { rowAt, spacingOf } from './row-at.ts';
import type { PlotPicture } from './time-plot.ts';
import { useTimePlot } from './use-time-plot.ts';
import { valueAxis } from './value-ticks.ts';
import './time-chart.css';

/** Distinguishes an unused cell from an unknown one, which stays blank. */
const FAINTEST = 0.1;
const SHADES = 20;
const LINES = [{ color: 1, isFilled: false }];

export type HeatMapProps = {
  readonly title: string;
  /** Name of a row: `core`. */
  readonly unit: string;
  readonly times: readonly number[];
  /** Shares of 1, one column per row of the map, starting at the bottom. */
  readonly columns: readonly (readonly (number | null)[])[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly height?: number;
  /** Formats the time at the crosshair. Default: the time of day. */
  readonly momentText?: (atMs: number) => string;
  readonly isQueued?: boolean;
  readonly menu?: ReactNode;
  readonly overlay?: ReactNode;
};

/**
 * Many shares over time, where lines would hide one another. The stronger the colour, the larger
 * the share.
 */
export function HeatMap(props: HeatMapProps) {
  const { title, unit, times, columns, fromMs, toMs, height = 160 } = props;
  const { momentText = formatClock, isQueued = false, menu, overlay } = props;
  const colors = useChartColors();
  const picture = useMemo((): PlotPicture => {
    const { top, ticks } = valueAxis({ highest: columns.length, minTop: columns.length });
    const axis = { top, ticks: ticks.filter(Number.isInteger) };
    const spacingMs = spacingOf(times);
    // uPlot finds its rows by a column and fails without one. Nothing of it is drawn.
    const [column = times.map(() => null)] = columns;
    return { times, columns: [column], fromMs, toMs, axis, tickText: String, colors, spacingMs, momentText };
  }, [times, columns, fromMs, toMs, colors, momentText]);
  const paint = (plot: uPlot) => paintCells(plot, picture, columns, colors);
  const { box, hover, step } = useTimePlot({
    picture,
    lines: LINES,
    height,
    isCompact: false,
    paint,
    isQueued,
  });

  const row = hover === 'nothing' ? null : rowAt(times, hover ?? toMs, picture.spacingMs);
  const { mean, busiest } = summaryOf(columns, row);
  const readings = [
    { label: 'mean', text: mean === null ? UNKNOWN : formatPercent(mean), room: 4, color: null },
    {
      label: 'busiest',
      text: busiest === null ? UNKNOWN : `${unit} ${busiest.index}: ${formatPercent(busiest.ratio)}`,
      room: unit.length + 9,
      color: null,
    },
  ];
  const moment = hover === null ? null : hover === 'nothing' ? 'No data' : momentText(hover);
  return (
    <ChartFrame
      title={title}
      height={height}
      box={box}
      legend={<Scale />}
      readings={readings}
      moment={moment}
      step={step}
      menu={menu}
      overlay={overlay}
    />
  );
}

function Scale() {
  return (
    <span className="mr-auto inline-flex items-center gap-1.5 text-sm text-muted">
      {formatPercent(0)}
      <span
        aria-hidden="true"
        className="h-2 w-12 rounded-full border border-line"
        style={{ background: 'linear-gradient(to right, transparent, var(--series-1))' }}
      />
      {formatPercent(1)}
    </span>
  );
}

function paintCells(
  plot: uPlot,
  { times, fromMs, toMs, spacingMs }: PlotPicture,
  columns: HeatMapProps['columns'],
  colors: ChartColors,
): void {
  const { ctx, bbox } = plot;
  const shades = Array.from({ length: SHADES + 1 }, (_, shade) =>
    fade(colors.series[0] ?? '', FAINTEST + (1 - FAINTEST) * (shade / SHADES)),
  );
  const cellHeight = bbox.height / columns.length;
  const half = spacingMs / 2;
  const x = (atMs: number) => Math.round(plot.valToPos(Math.min(toMs, Math.max(fromMs, atMs)), 'x', true));
  ctx.save();
  for (let row = 0; row < times.length; row++) {
    const atMs = times[row]!;
    if (atMs < fromMs - half || atMs > toMs + half) continue;
    // A late sample leaves no gap. A silence stays blank.
    const nextMs = times[row + 1] ?? Number.POSITIVE_INFINITY;
    const isClose = nextMs - atMs < 2 * spacingMs;
    const left = x(atMs - half);
    const right = isClose ? x(nextMs - half) : x(atMs + half);
    for (let column = 0; column < columns.length; column++) {
      const ratio = columns[column]?.[row] ?? null;
      if (ratio === null) continue;
      ctx.fillStyle = shades[Math.round(Math.min(1, ratio) * SHADES)]!;
      const top = Math.round(bbox.top + bbox.height - (column + 1) * cellHeight);
      const bottom = Math.round(bbox.top + bbox.height - column * cellHeight);
      ctx.fillRect(left, top, Math.max(1, right - left), Math.max(1, bottom - top));
    }
  }
  ctx.restore();
}

function summaryOf(columns: HeatMapProps['columns'], row: number | null) {
  let sum = 0;
  let known = 0;
  let busiest: { readonly index: number; readonly ratio: number } | null = null;
  if (row !== null) {
    for (const [index, column] of columns.entries()) {
      const ratio = column[row] ?? null;
      if (ratio === null) continue;
      sum += ratio;
      known++;
      if (busiest === null || ratio > busiest.ratio) busiest = { index, ratio };
    }
  }
  return { mean: known === 0 ? null : sum / known, busiest };
}
