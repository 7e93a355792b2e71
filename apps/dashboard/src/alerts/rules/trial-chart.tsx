import type { AlertSeverity, RuleTrial, SeriesHistory } from '@booner/protocol';
import { useMemo, useState } from 'react';
import { useChartColors } from '../../charts/chart-colors.ts';
import { ChartFrame } from '../../charts/chart-frame.tsx';
import type { Reading } from '../../charts/chart-readout.tsx';
import { rowAt, spacingOf } from '../../charts/row-at.ts';
import type { PlotPicture } from '../../charts/time-plot.ts';
import { useTimePlot } from '../../charts/use-time-plot.ts';
import { trimTick, valueAxis } from '../../charts/value-ticks.ts';
import { UNKNOWN } from '../../format/numbers.ts';
import { formatMinute } from '../../format/times.ts';
import { highestOf, meanOf } from '../../history/column.ts';
import { useSeries } from '../../history/use-series.ts';
import '../../charts/time-chart.css';
import { historyMetricsOf, MAX_LINES, metricLines } from './metric-lines.ts';
import { metricName, readValue, shownUnit } from './metric-units.ts';
import { movedThreshold, type RuleDraft } from './rule-draft.ts';
import { TrialOverlay } from './trial-overlay.tsx';
import { valueFormat } from './value-format.ts';

const METRIC_PX = 260;
const STATE_PX = 96;

export type TrialChartProps = {
  /** `null`: there are no targets. */
  readonly host: string | null;
  readonly range: string;
  readonly draft: RuleDraft;
  /** Of this host. */
  readonly episodes: RuleTrial['episodes'];
  readonly onDraft: (draft: RuleDraft) => void;
};

/**
 * The metric of a rule at one target, with its thresholds as lines that can be moved, and with the
 * episodes as bands. A state has no metric, so only its episodes are drawn.
 */
export function TrialChart({ host, range, draft, episodes, onDraft }: TrialChartProps) {
  const isMetric = draft.watches === 'metric';
  const metrics = useMemo(
    () => (isMetric ? historyMetricsOf(draft.metric) : (['cpuUsageRatio'] as const)),
    [isMetric, draft.metric],
  );
  const { history: read, error } = useSeries(host, host === null ? null : { span: { range }, metrics });
  const history = useLatest(read, `${host} ${range}`);
  if (host === null) {
    return (
      <p className="py-6 text-center text-muted">
        Charts appear once a target reports. The rule can be saved before.
      </p>
    );
  }
  if (error?.status === 409) {
    return (
      <p className="py-6 text-center text-muted">
        This hub keeps no history, so rules cannot be tried on it.
      </p>
    );
  }
  if (history === null) {
    return (
      <p
        role="status"
        style={{ minHeight: isMetric ? METRIC_PX : STATE_PX }}
        className="py-6 text-center text-muted"
      >
        {error === null ? 'Loading the history …' : `Could not load the history: ${error.message}`}
      </p>
    );
  }
  return <Plot history={history} draft={draft} episodes={episodes} onDraft={onDraft} isMetric={isMetric} />;
}

type PlotProps = Pick<TrialChartProps, 'draft' | 'episodes' | 'onDraft'> & {
  readonly history: SeriesHistory;
  readonly isMetric: boolean;
};

type Thresholds = readonly { readonly severity: AlertSeverity; readonly value: number }[];

function Plot({ history, draft, episodes, onDraft, isMetric }: PlotProps) {
  const { metric, function: of } = draft;
  const { timesMs: times, fromMs, toMs } = history;
  const height = isMetric ? METRIC_PX : STATE_PX;
  const colors = useChartColors();
  const all = useMemo(() => (isMetric ? metricLines(metric, history) : []), [isMetric, metric, history]);
  const lines = useMemo(() => all.slice(0, MAX_LINES), [all]);
  const format = useMemo(() => valueFormat(metric), [metric]);
  // Thresholds of a change or of a duration have no place on the axis of the metric.
  const thresholds = useMemo((): Thresholds => {
    if (!isMetric || of === 'rate' || of === 'full_in') return [];
    const unit = shownUnit(metric, of);
    return (['warn', 'crit'] as const).flatMap((severity) => {
      const value = readValue(draft[severity].on, unit);
      return value === null ? [] : [{ severity, value }];
    });
  }, [isMetric, metric, of, draft]);
  const highest = highestOf([...lines.map(({ values }) => values), thresholds.map(({ value }) => value)]);
  const picture = useMemo(
    (): PlotPicture => ({
      times,
      columns: lines.map(({ values }) => values),
      fromMs,
      toMs,
      axis: isMetric ? valueAxis({ highest, ...format }) : { top: 1, ticks: [] },
      tickText: (value) => trimTick(format.text(value)),
      colors,
      spacingMs: spacingOf(times),
      momentText: formatMinute,
    }),
    [times, lines, fromMs, toMs, highest, format, isMetric, colors],
  );
  const plot = useTimePlot({
    picture,
    lines: lines.map((_, index) => ({ color: index + 1, isFilled: false })),
    height,
    isCompact: false,
  });
  const row =
    plot.hover === null || plot.hover === 'nothing' ? null : rowAt(times, plot.hover, picture.spacingMs);
  const readings = lines.map(({ device, values }): Reading => {
    const value = plot.hover === null ? meanOf(values) : row === null ? null : (values[row] ?? null);
    const label = device ?? (plot.hover === null ? 'avg' : '');
    const text = value === null ? UNKNOWN : format.text(value);
    return { label, text, room: format.text(picture.axis.top).length, color: null };
  });
  const colored = readings.map((reading, index) => ({
    ...reading,
    color: lines.length > 1 ? index + 1 : null,
  }));
  const move = (severity: AlertSeverity, value: number) =>
    onDraft({ ...draft, [severity]: movedThreshold(draft[severity], value, shownUnit(metric, of)) });
  const hidden = all.length - lines.length;
  return (
    <div className="relative min-w-0">
      <ChartFrame
        title={isMetric ? metricName(metric) : 'Episodes'}
        height={height}
        box={plot.box}
        legend={
          hidden > 0 ? (
            <span className="text-sm text-muted">
              highest {MAX_LINES} of {all.length}
            </span>
          ) : undefined
        }
        readings={colored}
        moment={plot.hover === null ? null : plot.hover === 'nothing' ? 'No data' : formatMinute(plot.hover)}
        step={plot.step}
        overlay={
          <TrialOverlay
            fromMs={fromMs}
            toMs={toMs}
            top={picture.axis.top}
            heightPx={height}
            episodes={episodes}
            thresholds={thresholds}
            onMove={move}
          />
        }
      />
      {isMetric && lines.length === 0 && (
        <p className="text-center text-sm text-muted">
          This target has no values of this metric in the range.
        </p>
      )}
      {thresholds.length > 0 && (
        <p className="text-sm text-muted">
          Drag a line, or type in the form, to move a threshold. Bands are what would have fired.
        </p>
      )}
    </div>
  );
}

/** Returns the last value, so that the chart stays while it is read again for the same subject. */
function useLatest<T>(value: T | null, subject: string): T | null {
  const [latest, setLatest] = useState({ value, subject });
  if (value !== null && (value !== latest.value || subject !== latest.subject)) setLatest({ value, subject });
  return value ?? (latest.subject === subject ? latest.value : null);
}
