import type { Metric } from '../feature/metric.ts';
import type { AlertStream } from './alert-stream.ts';
import type { AlertBoard } from './board/alert-board.ts';
import type { AlertSettings } from './settings/alert-settings.ts';

export type AlertMetricsDeps = {
  readonly board: Pick<AlertBoard, 'isLoaded' | 'open'>;
  readonly settings: Pick<AlertSettings, 'isLoaded' | 'rules'>;
  readonly stream: Pick<AlertStream, 'size' | 'counts'>;
};

/** The metrics of alerts, of their rules, and of their stream. */
export const alertMetrics = ({ board, settings, stream }: AlertMetricsDeps): readonly Metric[] => [
  {
    type: 'gauge',
    name: 'booner_hub_alerts',
    help: 'Alerts that have not ended',
    label: 'severity',
    read: () => (board.isLoaded ? countBy(board.open(), SEVERITIES, severityOf) : []), // unknown is not 0
  },
  {
    type: 'gauge',
    name: 'booner_hub_alert_rules',
    help: 'Alert rules, by where they are from',
    label: 'source',
    read: () => (settings.isLoaded ? countBy(settings.rules(), SOURCES, ({ source }) => source) : []),
  },
  {
    type: 'gauge',
    name: 'booner_hub_alert_stream_clients',
    help: 'Clients of the alert stream',
    read: () => stream.size,
  },
  {
    type: 'counter',
    name: 'booner_hub_alert_events_written_total',
    help: 'Events of alerts written to clients',
    read: () => stream.counts.eventsWritten,
  },
];

const SEVERITIES = ['warn', 'crit'] as const;
const SOURCES = ['stock', 'stored', 'file'] as const;

const severityOf = ({ memory }: ReturnType<AlertBoard['open']>[number]) => memory.episode.severity;

function countBy<T, Value extends string>(
  items: readonly T[],
  values: readonly Value[],
  nameOf: (item: T) => Value,
): [Value, number][] {
  return values.map((value) => [value, items.filter((item) => nameOf(item) === value).length]);
}
