import type { Percentiles } from '../measure/distribution.ts';
import { atMost, type Goal, type PartResult } from '../part-result.ts';
import { formatMilliseconds } from '../quantities.ts';

/** Figures of a hub with some clients beside the two that measure. */
export type LatencyFigures = {
  readonly otherClients: number;
  /** Tasks that were measured. */
  readonly rounds: number;
  /** From the request to the `created` event at a client of version 2. */
  readonly createdUs: Percentiles;
  /** From a runner's report to its event at the same. */
  readonly reportUs: Percentiles;
  /** From the request to the map at a client of version 1. */
  readonly version1CreatedUs: Percentiles;
  /** From a runner's report of an end to the map at the same. */
  readonly version1EndUs: Percentiles;
};

const GOAL = { otherClients: 100, limitUs: 15_000 };

const formatLimit = (us: number): string => `${formatMilliseconds(us)} ms`;
const formatPair = ({ p50, p99 }: Percentiles): string =>
  `${formatMilliseconds(p50)} / ${formatMilliseconds(p99)}`;

export function presentLatency(figures: readonly LatencyFigures[], failures: readonly string[]): PartResult {
  return {
    title: 'Tasks, latency: from a change to a client, p50 / p99 in ms',
    head: ['other clients', 'tasks', 'POST to event', 'report to event', 'POST to map', 'end to map'],
    rows: figures.map((one) => [
      String(one.otherClients),
      String(one.rounds),
      formatPair(one.createdUs),
      formatPair(one.reportUs),
      formatPair(one.version1CreatedUs),
      formatPair(one.version1EndUs),
    ]),
    goals: figures.filter(({ otherClients }) => otherClients === GOAL.otherClients).flatMap(checkGoals),
    notes: [
      'Events go to a client of version 2, maps to one of version 1, both served last; of the other clients half are of either version.',
      'One task at a time, with five reports of progress; creation and end are far enough apart that their maps wait for no other.',
    ],
    failures,
    figures,
  };
}

function checkGoals({ createdUs, reportUs }: LatencyFigures): Goal[] {
  const clients = `${GOAL.otherClients} other clients`;
  return [
    atMost(`POST to event at p99: ${clients}`, createdUs.p99, GOAL.limitUs, formatLimit),
    atMost(`report to event at p99: ${clients}`, reportUs.p99, GOAL.limitUs, formatLimit),
  ];
}
