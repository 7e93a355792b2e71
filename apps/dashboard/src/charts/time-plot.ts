import uPlot from 'uplot';
import { formatClock } from '../format/times.ts';
import { type ChartColors, fade } from './chart-colors.ts';
import { rowAt } from './row-at.ts';
import { tickTexts, timeTicks } from './time-ticks.ts';
import type { ValueAxis } from './value-ticks.ts';
import type { TimeSpan } from './zoom-context.ts';

/** All charts of a page share one crosshair. */
const SYNC_KEY = 'booner';
/** Room for nine characters, such as `1.25 MB/s`. */
export const VALUE_AXIS_PX = 72;
/** Space beside the plot, on the right. */
export const END_PX = 8;
export const TIME_AXIS_PX = 24;
/** A shorter movement of the mouse is a click. */
const MIN_DRAG_PX = 8;
const BAND_ALPHA = 0.18;
const PALE_ALPHA = 0.45;

export type PlotLine = {
  readonly color: number;
  readonly isFilled: boolean;
  /**
   * `edge`: not drawn, the edge of a band. `pale`: of an earlier time. `dashed`: tells lines of one
   * colour apart.
   */
  readonly shape?: 'edge' | 'pale' | 'dashed';
};

/** The area between two lines, by their indexes. */
export type PlotBand = { readonly upper: number; readonly lower: number; readonly color: number };

/** Content of a plot, read anew at each drawing. */
export type PlotPicture = {
  readonly times: readonly number[];
  readonly columns: readonly (readonly (number | null)[])[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly axis: ValueAxis;
  readonly tickText: (value: number) => string;
  readonly colors: ChartColors;
  /** Time between two rows. */
  readonly spacingMs: number;
  /** Formats the time at the crosshair. Default: the time of day. */
  readonly momentText?: (atMs: number) => string;
};

/**
 * A row under the crosshair by its time. `nothing`: no values are known there. `null`: no
 * crosshair.
 */
export type Hover = number | 'nothing' | null;

export type TimePlotOptions = {
  readonly box: HTMLElement;
  readonly height: number;
  readonly isCompact: boolean;
  /** One per column. If empty, only `paint` draws. */
  readonly lines: readonly PlotLine[];
  readonly bands?: readonly PlotBand[];
  readonly picture: () => PlotPicture;
  /** Draws on the canvas instead of lines. */
  readonly paint?: ((plot: uPlot) => void) | undefined;
  readonly onHover: (hover: Hover) => void;
  /** Takes the span over which the mouse was dragged; `null` after a double click. */
  readonly onZoom?: ((span: TimeSpan | null) => void) | undefined;
};

/** The parts that uPlot keeps. It does not change the arrays. */
export const plotData = ({ times, columns }: Pick<PlotPicture, 'times' | 'columns'>): uPlot.AlignedData =>
  [times, ...columns] as unknown as uPlot.AlignedData;

export function createTimePlot(options: TimePlotOptions): uPlot {
  const { box, height, isCompact, lines, bands = [], picture, paint, onHover, onZoom } = options;
  const label = timeLabel((atMs) => (picture().momentText ?? formatClock)(atMs));
  const rowUnder = (plot: uPlot, left: number): number | null => {
    const { times, spacingMs } = picture();
    return rowAt(times, plot.posToVal(left, 'x'), spacingMs);
  };
  /** Snaps to the row at this time, if there is one. */
  const snap = (plot: uPlot, left: number, top: number): [number, number] => {
    const row = left < 0 ? null : rowUnder(plot, left);
    const atMs = row === null ? undefined : picture().times[row];
    return [atMs === undefined ? left : Math.max(0, plot.valToPos(atMs, 'x')), top];
  };
  const onCursor = (plot: uPlot) => {
    const left = plot.cursor.left ?? -1;
    const row = left < 0 ? null : rowUnder(plot, left);
    onHover(left < 0 ? null : row === null ? 'nothing' : (picture().times[row] ?? 'nothing'));
    if (!isCompact) label.show(plot, left, row === null ? null : (picture().times[row] ?? null));
  };
  // All charts of the page show the selection, but only the one under the mouse acts on it.
  let isDragged = false;
  const onSelect = (self: uPlot) => {
    const { left, width } = self.select;
    if (width <= 0) return;
    if (isDragged) {
      onZoom?.({ fromMs: self.posToVal(left, 'x'), toMs: self.posToVal(left + width, 'x') });
    }
    isDragged = false;
    self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  };
  const endZoom = () => {
    onZoom?.(null);
    return null;
  };
  const plot = new uPlot(
    {
      width: box.clientWidth,
      height,
      ms: 1,
      padding: isCompact ? [4, 0, 2, 0] : [8, END_PX, 0, 0],
      legend: { show: false },
      scales: {
        x: { time: false, range: () => [picture().fromMs, picture().toMs] },
        y: { range: () => [0, picture().axis.top] },
      },
      axes: isCompact ? [{ show: false }, { show: false }] : [timeAxis(picture), valueAxis(picture)],
      series: [{}, ...lines.map((line) => seriesOf(line, picture, paint !== undefined))],
      bands: bands.map(({ upper, lower, color }) => ({
        series: [upper + 1, lower + 1],
        fill: () => fade(picture().colors.series[color - 1] ?? '', BAND_ALPHA),
      })),
      cursor: {
        y: false,
        drag: { x: onZoom !== undefined, y: false, setScale: false, dist: MIN_DRAG_PX },
        bind: { dblclick: () => endZoom },
        sync: { key: SYNC_KEY, scales: ['x', null], setSeries: false },
        move: snap,
        dataIdx: (self) => rowUnder(self, self.cursor.left ?? -1) as number,
        points:
          paint === undefined ? { size: pointSize, fill: (_, index) => lineColor(index) } : { show: false },
      },
      hooks: {
        init: [
          (self) => {
            self.over.append(label.element);
            self.over.addEventListener('mousedown', () => {
              isDragged = true;
            });
          },
        ],
        setSelect: [onSelect],
        setCursor: [onCursor],
        draw: paint === undefined ? [] : [paint],
      },
    },
    plotData(picture()),
    box,
  );
  function pointSize(_: uPlot, index: number): number {
    return lines[index - 1]?.shape === 'edge' ? 0 : 7;
  }
  function lineColor(index: number): string {
    return picture().colors.series[(lines[index - 1]?.color ?? 1) - 1] ?? '';
  }
  return plot;
}

function seriesOf(line: PlotLine, picture: () => PlotPicture, isPainted: boolean): uPlot.Series {
  if (isPainted) return { paths: () => null, points: { show: false } };
  if (line.shape === 'edge') return { width: 0, points: { show: false } };
  const color = () => {
    const own = picture().colors.series[line.color - 1] ?? '';
    return line.shape === 'pale' ? fade(own, PALE_ALPHA) : own;
  };
  return {
    width: 1.5,
    stroke: color,
    ...(line.shape === 'dashed' && { dash: [5, 4] }),
    ...(line.isFilled && { fill: () => fade(color(), 0.1) }),
    points: { show: true, size: 4, width: 0, fill: color, stroke: color, filter: lonelyRows },
  };
}

/** Rows between two gaps. No line passes through them, so each is drawn as a point. */
function lonelyRows(plot: uPlot, seriesIndex: number): number[] {
  const values = plot.data[seriesIndex] as readonly (number | null)[];
  const isKnown = (index: number) => (values[index] ?? null) !== null;
  const rows: number[] = [];
  for (let index = 0; index < values.length; index++) {
    if (isKnown(index) && !isKnown(index - 1) && !isKnown(index + 1)) rows.push(index);
  }
  return rows;
}

function timeAxis(picture: () => PlotPicture): uPlot.Axis {
  return {
    size: TIME_AXIS_PX,
    gap: 6,
    font: picture().colors.font,
    stroke: () => picture().colors.muted,
    splits: (plot) => timeTicks(picture().fromMs, picture().toMs, plot.width - VALUE_AXIS_PX),
    values: (_, ticks) => tickTexts(ticks, picture().toMs - picture().fromMs),
    grid: { show: false },
    ticks: { stroke: () => picture().colors.line, width: 1, size: 4 },
  };
}

function valueAxis(picture: () => PlotPicture): uPlot.Axis {
  return {
    size: VALUE_AXIS_PX,
    gap: 6,
    font: picture().colors.font,
    stroke: () => picture().colors.muted,
    splits: () => [...picture().axis.ticks],
    values: (_, ticks) => ticks.map((tick) => picture().tickText(tick)),
    grid: { stroke: () => picture().colors.line, width: 1 },
    ticks: { show: false },
  };
}

/** The time at the crosshair, on the time axis, where it covers no data. */
function timeLabel(textOf: (atMs: number) => string) {
  const element = document.createElement('div');
  element.className = 'time-chart-moment';
  element.ariaHidden = 'true';
  element.hidden = true;
  return {
    element,
    show(plot: uPlot, left: number, rowMs: number | null) {
      element.hidden = left < 0;
      if (left < 0) return;
      element.textContent = textOf(rowMs ?? plot.posToVal(left, 'x'));
      const width = plot.over.clientWidth;
      const half = element.offsetWidth / 2;
      const center = Math.min(width - half, Math.max(half, left));
      element.style.transform = `translateX(${Math.round(center - half)}px)`;
    },
  };
}
