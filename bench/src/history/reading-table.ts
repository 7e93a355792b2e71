import type { Percentiles } from '../measure/distribution.ts';
import { atMost, type PartResult } from '../part-result.ts';
import { formatMilliseconds } from '../quantities.ts';

/** From the request to the end of the body, at the client. */
type RequestFigures = { readonly timesUs: Percentiles | null; readonly bytes: number };

export type ReadingFigures = {
  readonly hosts: number;
  readonly days: number;
  readonly filledS: number;
  readonly metric: RequestFigures;
  readonly page: RequestFigures;
  readonly ranking: RequestFigures;
};

const KINDS = [
  { kind: 'metric', title: 'one metric, 30 d in 500 points', limitUs: 30_000 },
  { kind: 'page', title: 'all metrics of a target, 24 h in 500 points', limitUs: 150_000 },
  { kind: 'ranking', title: 'ranking of all targets over 7 d', limitUs: 300_000 },
] as const;

const formatLimit = (us: number): string => `${formatMilliseconds(us)} ms`;

export function presentReading(figures: ReadingFigures): PartResult {
  const known = KINDS.flatMap(({ kind, ...rest }) => {
    const { timesUs, bytes } = figures[kind];
    return timesUs === null ? [] : [{ ...rest, timesUs, bytes }];
  });
  return {
    title: `History, reading: ${figures.days} days of ${figures.hosts} targets, while they are recorded`,
    head: ['request', 'requests', 'p50 / p99 ms', 'most ms', 'answer KiB'],
    rows: known.map(({ title, timesUs, bytes }) => [
      title,
      String(timesUs.count),
      `${formatMilliseconds(timesUs.p50)} / ${formatMilliseconds(timesUs.p99)}`,
      formatMilliseconds(timesUs.max),
      (bytes / 1024).toFixed(0),
    ]),
    goals: known.map(({ title, timesUs, limitUs }) =>
      atMost(`p99: ${title}`, timesUs.p99, limitUs, formatLimit),
    ),
    notes: [
      `The history was written in ${figures.filledS.toFixed(0)} s, without the hub. Requests come one after the other.`,
    ],
    failures: known.length < KINDS.length ? ['not every kind of request was answered'] : [],
    figures,
  };
}
