import type { Annotation } from '@booner/protocol';
import { memo, type ReactNode, useMemo, useRef } from 'react';
import { useChartColors } from '../charts/chart-colors.ts';
import { ChartFrame } from '../charts/chart-frame.tsx';
import type { Reading } from '../charts/chart-readout.tsx';
import { HeatMap } from '../charts/heat-map.tsx';
import { rowAt, spacingOf } from '../charts/row-at.ts';
import type { PlotBand, PlotLine, PlotPicture } from '../charts/time-plot.ts';
import { useTimePlot } from '../charts/use-time-plot.ts';
import { trimTick, valueAxis } from '../charts/value-ticks.ts';
import { UNKNOWN } from '../format/numbers.ts';
import { formatDateTime, formatMinute } from '../format/times.ts';
import { saveFile } from '../ui/save-file.ts';
import { useElementWidth } from '../ui/use-element-width.ts';
import { ChartMarks } from './chart-marks.tsx';
import { ChartMenu } from './chart-menu.tsx';
import { chartPicture } from './chart-picture.ts';
import { type Column, highestOf, lowestOf, meanOf } from './column.ts';
import type { SeriesChartPlan, SeriesLine } from './plan-series.ts';
import { seriesCsv } from './series-csv.ts';
import '../charts/time-chart.css';

/** Bands of more lines would cover one another. */
const MAX_BANDS = 2;
/** Colours of the theme. Further lines are dashed. */
const COLORS = 7;
/** Below this, points are told apart by their seconds. */
const SECONDS_BELOW_MS = 60_000;

export type SeriesChartProps = {
  readonly chart: SeriesChartPlan;
  readonly times: readonly number[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly annotations: readonly Annotation[];
  /** Lines of the previous period; empty if not compared. */
  readonly before?: readonly SeriesLine[];
  readonly height?: number;
  /** Tab reaches the marks of this chart. */
  readonly isFirst?: boolean;
  /** Start of the names of exported files. */
  readonly fileName: string;
  readonly onEnlarge?: ((id: string) => void) | undefined;
};

const NO_LINES: readonly SeriesLine[] = [];

/** A stored range: averages as lines, minimum to maximum as bands, and marks of events. */
export const SeriesChart = memo(function SeriesChart(props: SeriesChartProps) {
  const { chart, times, fromMs, toMs, annotations, before = NO_LINES } = props;
  const { isFirst = false, fileName, onEnlarge } = props;
  const { id, title, lines } = chart;
  const frame = useRef<HTMLDivElement>(null);
  const widthPx = useElementWidth(frame) ?? 0;
  const colors = useChartColors();
  const name = `${fileName}-${id}`;
  const onCsv = () =>
    saveFile(
      new Blob([seriesCsv({ times, lines, before })], { type: 'text/csv;charset=utf-8' }),
      `${name}.csv`,
    );
  const onPng = async () => {
    const canvas = frame.current?.querySelector('canvas');
    if (!canvas) return;
    const { color } = getComputedStyle(document.body);
    const picture = await chartPicture({
      canvas,
      title: `${title}, ${formatDateTime(fromMs)} – ${formatDateTime(toMs)}`,
      legend: lines.map(({ label }, index) => ({ label, color: colors.series[index % COLORS] ?? '' })),
      ink: color,
      background: getComputedStyle(frame.current!.closest('[data-chart]') ?? document.body).backgroundColor,
      font: colors.font,
    });
    if (picture !== null) saveFile(picture, `${name}.png`);
  };
  const menu = (
    <ChartMenu
      title={title}
      onEnlarge={onEnlarge && (() => onEnlarge(id))}
      onCsv={onCsv}
      onPng={() => void onPng()}
    />
  );
  const overlay = (
    <ChartMarks
      annotations={annotations}
      fromMs={fromMs}
      toMs={toMs}
      widthPx={widthPx}
      isReachable={isFirst}
    />
  );
  const Plot = chart.isMap ? MapPlot : LinePlot;
  return (
    <div ref={frame} className="min-w-0">
      <Plot {...props} before={before} menu={menu} overlay={overlay} />
    </div>
  );
});

type PlotProps = SeriesChartProps & {
  readonly before: readonly SeriesLine[];
  readonly menu: ReactNode;
  readonly overlay: ReactNode;
};

function MapPlot({ chart: { title, lines }, times, fromMs, toMs, height, menu, overlay }: PlotProps) {
  const columns = useMemo(() => lines.map(({ avg }) => avg), [lines]);
  return (
    <HeatMap
      title={title}
      unit="core"
      times={times}
      columns={columns}
      fromMs={fromMs}
      toMs={toMs}
      momentText={formatMinute}
      isQueued
      menu={menu}
      overlay={overlay}
      {...(height !== undefined && { height })}
    />
  );
}

function LinePlot({ chart, times, fromMs, toMs, before, height = 160, menu, overlay }: PlotProps) {
  const { title, lines, format, minTop, maxTop, base, remark } = chart;
  const colors = useChartColors();
  const hasBands = lines.length <= MAX_BANDS;
  const layers = useMemo(() => layersOf(lines, before, hasBands), [lines, before, hasBands]);
  const picture = useMemo((): PlotPicture => {
    const { columns } = layers;
    return {
      times,
      columns,
      fromMs,
      toMs,
      axis: valueAxis({ highest: highestOf(columns), minTop, maxTop, base }),
      tickText: (value) => trimTick(format(value)),
      colors,
      spacingMs: spacingOf(times),
      momentText: momentTextFor(times),
    };
  }, [times, layers, fromMs, toMs, format, minTop, maxTop, base, colors]);
  const { box, hover, step } = useTimePlot({
    picture,
    lines: layers.lines,
    bands: layers.bands,
    height,
    isCompact: false,
    isQueued: true,
  });

  const row = hover === null || hover === 'nothing' ? null : rowAt(times, hover, picture.spacingMs);
  const room = format(picture.axis.top).length;
  const readings = readingsOf({ lines, before, row, isHovered: hover !== null, format, room });
  const momentText = picture.momentText ?? formatMinute;
  const moment = hover === null ? null : hover === 'nothing' ? 'No data' : momentText(hover);
  return (
    <ChartFrame
      title={title}
      height={height}
      box={box}
      legend={remark === null ? undefined : <span className="text-sm text-muted">{remark}</span>}
      readings={readings}
      moment={moment}
      step={step}
      menu={menu}
      overlay={overlay}
    />
  );
}

const momentTextFor = (times: readonly number[]): ((atMs: number) => string) =>
  spacingOf(times) < SECONDS_BELOW_MS ? formatDateTime : formatMinute;

type Layers = {
  readonly columns: readonly Column[];
  readonly lines: readonly PlotLine[];
  readonly bands: readonly PlotBand[];
};

/** Returns what is drawn, lowest first: bands, the period before, and the lines. */
function layersOf(lines: readonly SeriesLine[], before: readonly SeriesLine[], hasBands: boolean): Layers {
  const columns: Column[] = [];
  const drawn: PlotLine[] = [];
  const bands: PlotBand[] = [];
  const add = (column: Column, line: PlotLine) => {
    columns.push(column);
    drawn.push(line);
    return columns.length - 1;
  };
  const colorOf = (index: number) => (index % COLORS) + 1;
  if (hasBands) {
    for (const [index, { min, max }] of lines.entries()) {
      const color = colorOf(index);
      const upper = add(max, { color, isFilled: false, shape: 'edge' });
      const lower = add(min, { color, isFilled: false, shape: 'edge' });
      bands.push({ upper, lower, color });
    }
  }
  for (const [index, { avg }] of before.entries())
    add(avg, { color: colorOf(index), isFilled: false, shape: 'pale' });
  for (const [index, { avg }] of lines.entries())
    add(avg, { color: colorOf(index), isFilled: false, ...(index >= COLORS && { shape: 'dashed' }) });
  return { columns, lines: drawn, bands };
}

type ReadingsOptions = {
  readonly lines: readonly SeriesLine[];
  readonly before: readonly SeriesLine[];
  /** Row under the crosshair; `null` without data there. */
  readonly row: number | null;
  readonly isHovered: boolean;
  readonly format: (value: number) => string;
  readonly room: number;
};

/** Values at the crosshair; without one, those of the whole range. */
function readingsOf({ lines, before, row, isHovered, format, room }: ReadingsOptions): readonly Reading[] {
  const at = (column: Column, ofRange: (column: Column) => number | null) => {
    const value = isHovered ? (row === null ? null : (column[row] ?? null)) : ofRange(column);
    return value === null ? UNKNOWN : format(value);
  };
  const [only] = lines;
  const [earlier] = before;
  if (lines.length > 1 || only === undefined) {
    return lines.map(({ label, avg }, index) => ({
      label,
      text: at(avg, meanOf),
      room,
      color: (index % COLORS) + 1,
      isDashed: index >= COLORS,
    }));
  }
  return [
    { label: 'avg', text: at(only.avg, meanOf), room, color: null },
    { label: 'min', text: at(only.min, lowestOf), room, color: null },
    { label: 'max', text: at(only.max, (column) => highestOf([column])), room, color: null },
    ...(earlier === undefined ? [] : [{ label: 'before', text: at(earlier.avg, meanOf), room, color: null }]),
  ];
}
