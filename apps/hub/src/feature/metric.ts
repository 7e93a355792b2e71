import type { Counter, Histogram } from 'prom-client';

type MetricHead = {
  readonly type: 'gauge' | 'counter';
  /** Prometheus name, with its unit, and `_total` for a counter. */
  readonly name: string;
  readonly help: string;
};

/** A metric of one value, read at each scrape. Omitted while it is unknown: `null`. */
type SingleMetric = MetricHead & { readonly label?: never; readonly read: () => number | null };

/** A metric of one value per value of a label, read at each scrape. Unknown values are omitted. */
type LabelledMetric = MetricHead & {
  readonly label: string;
  readonly read: () => Iterable<readonly [labelValue: string, value: number]>;
};

/** A metric whose value is always 1 and whose labels are what it says. */
type InfoMetric = Omit<MetricHead, 'type'> & {
  readonly type: 'info';
  readonly labels: readonly string[];
  readonly read: () => Iterable<Readonly<Record<string, string>>>;
};

/** A metric that its owner counts as things happen. It MUST be created with `registers: []`. */
type RecordedMetric = { readonly type: 'recorded'; readonly recorded: Counter | Histogram };

/** A metric that a feature shows in `/metrics`. */
export type Metric = SingleMetric | LabelledMetric | InfoMetric | RecordedMetric;

/** Describes the number of a stream's clients, by version. */
export const streamClients = (
  name: string,
  help: string,
  counts: () => { readonly version1: number; readonly version2: number },
): Metric => ({
  type: 'gauge',
  name,
  help,
  label: 'version',
  read: () => {
    const { version1, version2 } = counts();
    return [
      ['1', version1],
      ['2', version2],
    ];
  },
});
