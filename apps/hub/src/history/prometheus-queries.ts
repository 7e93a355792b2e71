import type { StoredMetric } from './prometheus-names.ts';

export type Aggregate = 'avg' | 'min' | 'max' | 'count';

/** Samples that become one value each time, by the labels that tell values apart. */
export type Window = {
  /** Labels that all samples have. */
  readonly labels: Readonly<Record<string, string>>;
  /** Series that differ in other labels are one: operators change the labels of hosts. */
  readonly by: readonly string[];
  /** Samples of this long before the time that is asked for, which is not included. */
  readonly rangeMs: number;
  /** Number of windows that are asked for together. */
  readonly count: number;
};

/** Where a total changes, its difference to another metric is computed this often in a window. */
const MAX_DIFFERENCES = 100;
/** Bound on all of these in a query: VictoriaMetrics refuses more than 30,000. */
const MAX_DIFFERENCES_IN_ALL = 20_000;
/** The shortest time between two of them. */
const MIN_DIFFERENCE_MS = 1000;

/**
 * Returns a query for an aggregate of the samples in a window, in PromQL as Prometheus 2 and
 * VictoriaMetrics understand it.
 *
 * A sample at the end of a window belongs to the next one, so windows end a millisecond earlier.
 * Prometheus 3 and VictoriaMetrics leave out their first millisecond then, as they should;
 * Prometheus 2 counts a sample in it twice.
 */
export function overTime(
  aggregate: Aggregate,
  { name, less, where = {} }: StoredMetric,
  { labels, by, rangeMs, count: windows }: Window,
): string {
  const matchers = Object.entries({ job: 'booner', ...where, ...labels })
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
    .join(',');
  const grouped = (kind: 'sum' | 'min' | 'max', samples: string) => `${kind} by (${by.join()}) (${samples})`;
  const window = `[${rangeMs}ms] offset 1ms`;
  const sum = (metric: string) => grouped('sum', `sum_over_time(${metric}{${matchers}}${window})`);
  const count = (metric: string) => grouped('sum', `count_over_time(${metric}{${matchers}}${window})`);
  const extreme = (kind: 'min' | 'max', metric: string) =>
    grouped(kind, `${kind}_over_time(${metric}{${matchers}}${window})`);
  const average = (metric: string) => `${sum(metric)} / ${count(metric)}`;

  if (aggregate === 'count') return count(less ?? name);
  if (less === undefined) return aggregate === 'avg' ? average(name) : extreme(aggregate, name);
  if (aggregate === 'avg') return `${average(name)} - ${average(less)}`;
  // A subquery misses what is short and goes on for minutes after the last sample, so it is used
  // only in windows in which the total changes.
  const opposite = aggregate === 'max' ? 'min' : 'max';
  const totals = [extreme('max', name), extreme('min', name)];
  const most = Math.min(MAX_DIFFERENCES, Math.ceil(MAX_DIFFERENCES_IN_ALL / windows));
  const stepMs = Math.max(MIN_DIFFERENCE_MS, Math.ceil(rangeMs / most));
  const differences = `(${name}{${matchers}} - ${less}{${matchers}})[${rangeMs}ms:${stepMs}ms] offset 1ms`;
  return [
    `${extreme(aggregate, name)} - ${extreme(opposite, less)} and (${totals.join(' == ')})`,
    `${grouped(aggregate, `${aggregate}_over_time(${differences})`)} and (${totals.join(' != ')})`,
  ].join(' or ');
}
