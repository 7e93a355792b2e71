import { isGap } from '@booner/client';
import type { HistoryRange, Measurements, TargetHistory } from '@booner/protocol';
import { HISTORY_RANGES_MS } from '@booner/protocol/limits';
import { memo, useMemo } from 'react';
import { HeatMap } from '../charts/heat-map.tsx';
import { type ChartSeries, TimeChart } from '../charts/time-chart.tsx';
import type { TimeSpan } from '../charts/zoom-context.ts';
import { formatPercent } from '../format/numbers.ts';
import { formatDuration } from '../format/times.ts';
import { useHistory } from '../live/use-history.ts';
import { type PlannedChart, planCharts } from './plan-charts.ts';
import { zoomHistory } from './zoom-history.ts';

/** More cores are shown as a map, since lines would hide one another. */
const MAX_CORE_LINES = 7;

export type TargetChartsProps = {
  /** `null`: the main server. */
  readonly host: string | null;
  readonly range: HistoryRange;
  /** Part of the range to show. `null`: all of it, up to now. */
  readonly zoom: TimeSpan | null;
  readonly sample: Measurements | null;
};

/** Charts of the last minutes of a target, with one shared crosshair. */
export function TargetCharts({ host, range, zoom, sample }: TargetChartsProps) {
  const { history, error } = useHistory(host, range);
  return (
    <>
      {error !== null && (
        <p role="status" className="rounded-md border border-warn-fill bg-warn-wash px-4 py-2">
          Could not load the history: {error.message}. This page keeps trying.
        </p>
      )}
      {history !== null && isSilence(history) ? (
        <p className="rounded-md border border-line bg-panel px-4 py-10 text-center text-muted">
          No data in the last {formatDuration(history.toMs - history.fromMs)}.
        </p>
      ) : (
        <ChartGrid history={history} range={range} zoom={zoom} sample={sample} />
      )}
    </>
  );
}

const isSilence = (history: TargetHistory): boolean => history.times.every((_, row) => isGap(history, row));

export type ChartGridProps = {
  /** `null` before the first answer: empty frames hold the place of the charts. */
  readonly history: TargetHistory | null;
  readonly range: HistoryRange;
  readonly zoom?: TimeSpan | null;
  readonly sample: Measurements | null;
};

export function ChartGrid({ history, range, zoom = null, sample }: ChartGridProps) {
  const { charts, unavailable } = useMemo(() => planCharts(history, sample), [history, sample]);
  const shown = useMemo(() => {
    const all: Shown = history ?? nothingYet(range);
    return zoom === null ? all : zoomHistory(all, zoom);
  }, [history, range, zoom]);
  const [first, ...others] = charts;
  return (
    <>
      <div className="grid gap-4 lg:grid-cols-2">
        {first !== undefined && <PlannedTimeChart chart={first} history={shown} />}
        <CoreChart history={shown} cores={sample === null ? null : (sample.cpu?.cores.length ?? 0)} />
        {others.map((chart) => (
          <PlannedTimeChart key={chart.title} chart={chart} history={shown} />
        ))}
      </div>
      {unavailable.length > 0 && (
        <ul className="text-muted">
          {unavailable.map(({ title, reason }) => (
            <li key={title}>
              {title} unavailable: {reason}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

type Shown = Pick<TargetHistory, 'times' | 'fromMs' | 'toMs' | 'coreUsageRatios'> & Partial<TargetHistory>;

const PLOT_CLASS = 'live-value min-w-0 rounded-md border border-line bg-panel px-4 pt-3 pb-2';
const NO_VALUES: readonly (number | null)[] = [];

const PlannedTimeChart = memo(function PlannedTimeChart(props: {
  readonly chart: PlannedChart;
  readonly history: Shown;
}) {
  const { chart, history } = props;
  const series = useMemo(
    () =>
      chart.figures.map(
        ({ name, label }, index): ChartSeries => ({
          label,
          values: history[name] ?? NO_VALUES,
          isFilled: index === 0,
        }),
      ),
    [chart, history],
  );
  const { figures: _, ...shape } = chart;
  const { times, fromMs, toMs } = history;
  return (
    <div className={PLOT_CLASS}>
      <TimeChart {...shape} times={times} series={series} fromMs={fromMs} toMs={toMs} />
    </div>
  );
});

type CoreChartProps = {
  readonly history: Shown;
  /** In the last sample; `null` before the first. */
  readonly cores: number | null;
};

/**
 * One line per core, or a map if there are many. Hidden for one core, which equals the CPU. The
 * frame is shown before the cores are counted.
 */
function CoreChart({ history, cores }: CoreChartProps) {
  const { times, fromMs, toMs, coreUsageRatios } = history;
  const count = Math.max(cores ?? 0, coreUsageRatios.length);
  const series = useMemo(
    () =>
      Array.from(
        { length: Math.min(count, MAX_CORE_LINES) },
        (_, core): ChartSeries => ({ label: String(core), values: coreUsageRatios[core] ?? NO_VALUES }),
      ),
    [count, coreUsageRatios],
  );
  if (count === 1 || (count === 0 && cores !== null)) return null;
  return (
    <div className={PLOT_CLASS}>
      {count > MAX_CORE_LINES ? (
        <HeatMap
          title="CPU by core"
          unit="core"
          times={times}
          columns={coreUsageRatios}
          fromMs={fromMs}
          toMs={toMs}
        />
      ) : (
        <TimeChart
          title="CPU by core"
          times={times}
          series={series}
          fromMs={fromMs}
          toMs={toMs}
          format={formatPercent}
          minTop={1}
          maxTop={1}
        />
      )}
    </div>
  );
}

/** Returns an empty history for the frames until the first answer. */
function nothingYet(range: HistoryRange): Shown {
  const toMs = Date.now();
  return { times: [], coreUsageRatios: [], fromMs: toMs - HISTORY_RANGES_MS[range], toMs };
}
