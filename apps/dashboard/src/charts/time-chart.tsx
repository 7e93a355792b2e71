import { type JSX, useMemo } from 'react';
import { UNKNOWN } from '../format/numbers.ts';
import { formatClock } from '../format/times.ts';
import { useChartColors } from './chart-colors.ts';
import { ChartFrame } from './chart-frame.tsx';
import type { Reading } from './chart-readout.tsx';
import { rowAt, spacingOf } from './row-at.ts';
import type { PlotPicture } from './time-plot.ts';
import { useTimePlot } from './use-time-plot.ts';
import { trimTick, valueAxis } from './value-ticks.ts';
import './time-chart.css';

export type ChartSeries = {
  readonly label: string;
  readonly values: readonly (number | null)[];
  /** Number of the colour. Default: the position of the series. */
  readonly color?: 1 | 2 | 3 | 4 | 5 | 6 | 7;
  readonly isFilled?: boolean;
};

export type TimeChartProps = {
  readonly title: string;
  /** Unix ms, ascending. */
  readonly times: readonly number[];
  /** At most seven. */
  readonly series: readonly ChartSeries[];
  readonly fromMs: number;
  readonly toMs: number;
  /** Formats the values and the axis. */
  readonly format: (value: number) => string;
  /** Lowest top of the axis; 1 for shares. */
  readonly minTop?: number;
  readonly maxTop?: number;
  /** 1024 if `format` counts in KB and MB, for round ticks. */
  readonly base?: 1000 | 1024;
  /** Height of the plot in px. */
  readonly height?: number;
  /** Omits the axes, for a card. */
  readonly isCompact?: boolean;
  /** Shows values at the crosshair only, where something else shows the latest ones. */
  readonly isQuiet?: boolean;
};

/**
 * Lines over time, starting at 0, with gaps where values are unknown. The title's line has the
 * latest values, or those at the page's crosshair.
 */
export function TimeChart(props: TimeChartProps): JSX.Element {
  const { title, times, series, fromMs, toMs, format, minTop, maxTop, base } = props;
  const { height = 160, isCompact = false, isQuiet = false } = props;
  const colors = useChartColors();
  const picture = useMemo((): PlotPicture => {
    const columns = series.map(({ values }) => values);
    const axis = valueAxis({ highest: highestOf(columns), minTop, maxTop, base });
    const tickText = (value: number) => trimTick(format(value));
    return { times, columns, fromMs, toMs, axis, tickText, colors, spacingMs: spacingOf(times) };
  }, [times, series, fromMs, toMs, format, minTop, maxTop, base, colors]);
  const lines = series.map(({ color, isFilled = false }, index) => ({ color: color ?? index + 1, isFilled }));
  const { box, hover, step } = useTimePlot({ picture, lines, height, isCompact });

  const row = hover === 'nothing' ? null : rowAt(times, hover ?? toMs, picture.spacingMs);
  const readings = series.map(({ label, values }, index): Reading => {
    const value = row === null ? null : (values[row] ?? null);
    const text = value === null ? UNKNOWN : format(value);
    const room = format(picture.axis.top).length;
    return { label: series.length === 1 ? '' : label, text, room, color: lines[index]?.color ?? null };
  });
  const moment = hover === null ? null : hover === 'nothing' ? 'No data' : formatClock(hover);
  return (
    <ChartFrame
      title={title}
      height={height}
      box={box}
      readings={readings}
      isReadoutShown={!isQuiet || hover !== null}
      moment={moment}
      step={step}
    />
  );
}

function highestOf(columns: readonly (readonly (number | null)[])[]): number | null {
  let highest: number | null = null;
  for (const column of columns) {
    for (const value of column) if (value !== null && (highest === null || value > highest)) highest = value;
  }
  return highest;
}
