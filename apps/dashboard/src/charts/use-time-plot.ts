import { type RefObject, use, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type uPlot from 'uplot';
import { drawSoon } from './draw-soon.ts';
import {
  createTimePlot,
  type Hover,
  type PlotBand,
  type PlotLine,
  type PlotPicture,
  plotData,
} from './time-plot.ts';
import { ZoomContext } from './zoom-context.ts';

export type TimePlotProps = {
  readonly picture: PlotPicture;
  readonly lines: readonly PlotLine[];
  readonly bands?: readonly PlotBand[];
  readonly height: number;
  readonly isCompact: boolean;
  readonly paint?: ((plot: uPlot) => void) | undefined;
  /** Draws in a task of its own, since many large charts at once would block the page. */
  readonly isQueued?: boolean;
};

export type TimePlot = {
  readonly box: RefObject<HTMLDivElement | null>;
  readonly hover: Hover;
  /** Moves the crosshair of all charts by some rows. `null` removes it. */
  readonly step: (rows: number | null) => void;
};

const NO_BANDS: readonly PlotBand[] = [];

/**
 * Keeps a plot in a box. It is created once, receives data, and is redrawn when the theme or the
 * size of the box changes.
 */
export function useTimePlot(props: TimePlotProps): TimePlot {
  const { picture, lines, bands = NO_BANDS, height, isCompact, paint, isQueued = false } = props;
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const onZoom = use(ZoomContext);
  const canZoom = onZoom !== null && !isCompact;
  /** Removes the plot that is there. */
  const outdated = useRef<(() => void) | null>(null);
  const drawn = useRef<PlotPicture | null>(null);
  const [hover, setHover] = useState<Hover>(null);
  // Only another set of lines needs another plot.
  const shape = JSON.stringify([lines, bands, paint !== undefined]);
  const latest = useRef({ picture, shape, paint, onZoom });

  useLayoutEffect(() => {
    latest.current = { picture, shape, paint, onZoom };
  });

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    return drawSoon(() => {
      // React tells the queue of a new shape some time after it has drawn the page.
      if (latest.current.shape !== shape) return undefined;
      outdated.current?.();
      const remove = create(element);
      outdated.current = remove;
      // A plot that waits for its successor stays in sight.
      return isQueued ? undefined : remove;
    }, isQueued);

    function create(element: HTMLDivElement): () => void {
      const [lines, bands] = JSON.parse(shape) as [PlotLine[], PlotBand[], boolean];
      const own = createTimePlot({
        box: element,
        height,
        isCompact,
        lines,
        bands,
        picture: () => latest.current.picture,
        paint: latest.current.paint && ((self) => latest.current.paint?.(self)),
        onHover: setHover,
        onZoom: canZoom ? (span) => latest.current.onZoom?.(span) : undefined,
      });
      plot.current = own;
      drawn.current = latest.current.picture;
      const resized = new ResizeObserver(() => {
        if (element.clientWidth > 0 && element.clientWidth !== own.width) {
          own.setSize({ width: element.clientWidth, height });
        }
      });
      resized.observe(element);
      const release = followTouch(own);
      return () => {
        outdated.current = null;
        release();
        resized.disconnect();
        if (plot.current === own) plot.current = null;
        own.destroy();
        setHover(null); // the next plot starts without a crosshair
      };
    }
  }, [shape, height, isCompact, canZoom, isQueued]);

  useEffect(() => () => outdated.current?.(), []);

  useEffect(
    () =>
      drawSoon(() => {
        if (drawn.current !== picture) plot.current?.setData(plotData(picture));
        drawn.current = picture;
        return undefined;
      }, isQueued),
    [picture, isQueued],
  );

  const step = (rows: number | null) => {
    const own = plot.current;
    if (own !== null) moveCursor(own, rows, picture);
  };
  return { box, hover, step };
}

function moveCursor(plot: uPlot, rows: number | null, { times, fromMs }: PlotPicture): void {
  if (rows === null) {
    putCursor(plot, -10);
    return;
  }
  const left = plot.cursor.left ?? -1;
  const first = times.findIndex((atMs) => atMs >= fromMs);
  const from = left < 0 ? times.length : plot.posToIdx(left);
  const index = Math.min(times.length - 1, Math.max(first, from + rows));
  const atMs = times[index];
  if (atMs !== undefined) putCursor(plot, plot.valToPos(atMs, 'x'));
}

type PutCursor = (at: { left: number; top: number }, isTold: boolean, isShared: boolean) => void;

/**
 * Sets the crosshair of all charts. The third argument, which notifies the others, is missing in
 * uPlot's types.
 */
function putCursor(plot: uPlot, left: number): void {
  const put = plot.setCursor as PutCursor;
  put({ left, top: left < 0 ? left : 0 }, true, true);
}

/** Adds touch support, since uPlot follows only the mouse. Returns a function that removes it. */
function followTouch(plot: uPlot): () => void {
  const end = new AbortController();
  const onTouch = (event: PointerEvent) => {
    if (event.pointerType !== 'touch') return;
    const { left, width } = plot.over.getBoundingClientRect();
    const x = Math.min(width, Math.max(0, event.clientX - left));
    putCursor(plot, x);
  };
  plot.over.addEventListener('pointerdown', onTouch, { signal: end.signal });
  plot.over.addEventListener('pointermove', onTouch, { signal: end.signal });
  return () => end.abort();
}
