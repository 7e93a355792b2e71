import { RANKED_METRICS, type RankedMetric } from '@booner/protocol/history-metrics';
import { DEFAULT_METRIC, METRIC_SHAPES } from './metric-shapes.ts';

export type MetricSelectProps = {
  readonly label: string;
  readonly value: RankedMetric;
  /** Receives `undefined` for the default metric. */
  readonly onChange: (metric: RankedMetric | undefined) => void;
};

/** Selects a metric, with the platform's own control. */
export function MetricSelect({ label, value, onChange }: MetricSelectProps) {
  return (
    <select
      aria-label={label}
      value={value}
      onChange={({ target }) =>
        onChange(target.value === DEFAULT_METRIC ? undefined : (target.value as RankedMetric))
      }
      className="h-8 max-w-48 truncate rounded-md border border-line-strong bg-panel pr-1 pl-2 pointer-coarse:h-10"
    >
      {RANKED_METRICS.map((metric) => (
        <option key={metric} value={metric}>
          {METRIC_SHAPES[metric].name}
        </option>
      ))}
    </select>
  );
}
