import type { BoonerClient } from '@booner/client';
import type { RankedMetric } from '@booner/protocol/history-metrics';
import { useBoonerClient } from '@booner/react';
import { useSyncExternalStore } from 'react';
import { Sparkline } from '../charts/sparkline.tsx';
import { highestOf, meanOf } from './column.ts';
import { createDaySeries } from './day-series.ts';
import { METRIC_SHAPES } from './metric-shapes.ts';

const isHidden = () => document.visibilityState === 'hidden';

type DaySeries = ReturnType<typeof createDaySeries>;

const known = new WeakMap<BoonerClient, Map<RankedMetric, DaySeries>>();

function daySeriesOf(client: BoonerClient, metric: RankedMetric): DaySeries {
  const byMetric = known.get(client) ?? new Map<RankedMetric, DaySeries>();
  known.set(client, byMetric);
  const series = byMetric.get(metric) ?? createDaySeries({ ...client, isHidden }, metric);
  byMetric.set(metric, series);
  return series;
}

export type DaySparklineProps = {
  readonly host: string;
  readonly metric: RankedMetric;
  readonly className: string;
};

/** A metric of a target over the last 24 hours. */
export function DaySparkline({ host, metric, className }: DaySparklineProps) {
  const store = daySeriesOf(useBoonerClient(), metric).of(host);
  const day = useSyncExternalStore(store.subscribe, store.getSnapshot);
  if (day === null) return null;
  const { format, maxTop, name } = METRIC_SHAPES[metric];
  const highest = highestOf([day.values]);
  const top = maxTop ?? highest ?? 1;
  const values = top > 0 ? day.values.map((value) => (value === null ? null : value / top)) : day.values;
  const mean = meanOf(day.values);
  const words =
    mean === null || highest === null ? 'no data' : `average ${format(mean)}, highest ${format(highest)}`;
  return (
    <span title={`${name}: ${words}`}>
      <span className="sr-only">{`${name}, last 24 hours: ${words}`}</span>
      <Sparkline
        points={{ times: day.times, values }}
        fromMs={day.fromMs}
        toMs={day.toMs}
        intervalMs={day.stepMs}
        className={className}
      />
    </span>
  );
}
