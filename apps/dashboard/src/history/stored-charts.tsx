import type { SeriesSpan } from '@booner/client';
import type { SeriesHistory } from '@booner/protocol';
import { lazy, Suspense, useDeferredValue, useMemo, useState } from 'react';
import { formatDuration } from '../format/times.ts';
import { LazyPart } from '../ui/lazy-part.tsx';
import { rangeMsOf } from './history-search.ts';
import { withBefore } from './period-before.ts';
import { metricsFor, planSeries, type SeriesChartPlan, type SeriesLine } from './plan-series.ts';
import { SeriesChart, type SeriesChartProps } from './series-chart.tsx';
import { useSeries } from './use-series.ts';

const ChartDialog = lazy(async () => ({ default: (await import('./chart-dialog.tsx')).ChartDialog }));

/** The period before is read again once the range has moved on by this share of its length. */
const BEFORE_MARGIN = 1 / 20;
const FRAMES = 6;
const FRAME_CLASS = 'live-value min-w-0 rounded-md border border-line bg-panel px-4 pt-3 pb-2';

export type StoredChartsProps = {
  /** `null`: the main server. */
  readonly host: string | null;
  readonly span: SeriesSpan;
  /** Also shows the period before. */
  readonly isCompared: boolean;
  /** Id of the chart that is open in full size. */
  readonly openChart: string | undefined;
  readonly onOpenChart: (id: string | undefined) => void;
  /** Start of the names of exported files. */
  readonly fileName: string;
};

/** All charts of a stored range of a host, with one shared crosshair. */
export function StoredCharts(props: StoredChartsProps) {
  const { host, span, isCompared, openChart, onOpenChart, fileName } = props;
  const rangeMs = 'range' in span ? (rangeMsOf(span.range) ?? 0) : (span.toMs ?? 0) - span.fromMs;
  const metrics = useMemo(() => metricsFor(rangeMs), [rangeMs]);
  const { history: read, error } = useSeries(host, { span, metrics });
  // Deferred: all charts in one go would block the page.
  const history = useDeferredValue(useLatest(read));
  const before = useDeferredValue(usePeriodBefore(host, isCompared ? history : null, metrics));
  const charts = useCharts(history, before);
  const isOff = error?.status === 409;
  const shown = charts?.find(({ chart }) => chart.id === openChart);
  const common = history !== null && {
    fromMs: history.fromMs,
    toMs: history.toMs,
    annotations: history.annotations,
    fileName,
  };
  return (
    <>
      {error !== null && (
        <p role="status" className="rounded-md border border-warn-fill bg-warn-wash px-4 py-2">
          Could not load the history: {error.message}
          {isOff ? '' : '. This page keeps trying.'}
        </p>
      )}
      {common === false && error === null && <Frames />}
      {common !== false && charts?.length === 0 && (
        <p className="rounded-md border border-line bg-panel px-4 py-10 text-center text-muted">
          No data in this range.
        </p>
      )}
      {common !== false && charts !== null && charts.length > 0 && (
        <>
          <div className="grid gap-4 lg:grid-cols-2" aria-busy={read === null}>
            {charts.map(({ chart, times, before: earlier }, index) => (
              <div key={chart.id} data-chart={chart.id} className={FRAME_CLASS}>
                <SeriesChart
                  {...common}
                  chart={chart}
                  times={times}
                  before={earlier}
                  isFirst={index === 0}
                  onEnlarge={onOpenChart}
                />
              </div>
            ))}
          </div>
          {history !== null && <p className="text-sm text-muted">{resolutionText(history)}</p>}
        </>
      )}
      {shown !== undefined && common !== false && (
        <LazyPart>
          <Suspense fallback={null}>
            <ChartDialog
              {...common}
              chart={shown.chart}
              times={shown.times}
              before={shown.before}
              name={host ?? 'main server'}
              onClose={() => onOpenChart(undefined)}
            />
          </Suspense>
        </LazyPart>
      )}
    </>
  );
}

type ShownChart = Required<Pick<SeriesChartProps, 'chart' | 'times' | 'before'>>;
const NO_LINES: readonly SeriesLine[] = [];

function useCharts(
  history: SeriesHistory | null,
  before: SeriesHistory | null,
): readonly ShownChart[] | null {
  return useMemo(() => {
    if (history === null) return null;
    if (before === null) {
      return planSeries(history).map((chart) => ({ chart, times: history.timesMs, before: NO_LINES }));
    }
    const aligned = withBefore(history, before, history.toMs - history.fromMs);
    const earlier = new Map(planSeries(aligned.before).map((chart) => [chart.id, chart]));
    return planSeries(aligned.now).map((chart) => ({
      chart,
      times: aligned.now.timesMs,
      before: linesOf(chart, earlier.get(chart.id)),
    }));
  }, [history, before]);
}

/** Returns the earlier lines in the order of the current ones, and empty ones for those without. */
function linesOf({ lines }: SeriesChartPlan, earlier: SeriesChartPlan | undefined): readonly SeriesLine[] {
  if (earlier === undefined) return NO_LINES;
  return lines.map(
    ({ label }) => earlier.lines.find((line) => line.label === label) ?? { label, avg: [], min: [], max: [] },
  );
}

/** Reads the period before a range; `null` without a range, and before the answer. */
function usePeriodBefore(
  host: string | null,
  history: SeriesHistory | null,
  metrics: ReturnType<typeof metricsFor>,
): SeriesHistory | null {
  const [asked, setAsked] = useState<{ readonly fromMs: number; readonly toMs: number } | null>(null);
  if (history !== null) {
    const lengthMs = history.toMs - history.fromMs;
    const marginMs = lengthMs * BEFORE_MARGIN;
    const fromMs = history.fromMs - lengthMs;
    const isKept =
      asked !== null &&
      asked.fromMs <= fromMs &&
      asked.fromMs > fromMs - marginMs &&
      Math.abs(asked.toMs - asked.fromMs - lengthMs - marginMs) < 1000;
    if (!isKept) setAsked({ fromMs, toMs: fromMs + lengthMs + marginMs });
  }
  const query = history === null || asked === null ? null : { span: asked, metrics };
  return useSeries(host, query).history;
}

/** Returns the last value that was there: another range replaces the charts once it was read. */
function useLatest<T>(value: T | null): T | null {
  const [latest, setLatest] = useState(value);
  if (value !== null && value !== latest) setLatest(value);
  return value ?? latest;
}

function resolutionText({ stepMs }: SeriesHistory): string {
  if (stepMs === null) return 'Each point is a sample.';
  return `Each point is the average of ${formatDuration(stepMs)}. Bands reach from the lowest to the highest sample.`;
}

/** Holds the place of the charts until they are there. */
const Frames = () => (
  <div aria-busy="true" className="grid gap-4 lg:grid-cols-2">
    <p className="sr-only">Loading the history</p>
    {Array.from({ length: FRAMES }, (_, index) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: all are the same
      <div key={index} className={`${FRAME_CLASS} h-52`} />
    ))}
  </div>
);
