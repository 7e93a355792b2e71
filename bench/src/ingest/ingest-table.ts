import type { Percentiles } from '../measure/distribution.ts';
import { atMost, type Goal, type PartResult } from '../part-result.ts';
import { formatCoreShare, formatMebibytes, formatMilliseconds } from '../quantities.ts';

/** Figures of a hub with some agents and some clients of version 1. */
export type IngestFigures = {
  readonly agents: number;
  readonly clients: number;
  /** Mean shares of one core. */
  readonly hubCpuRatio: number;
  readonly redisCpuRatio: number;
  /** The maximum while measuring. */
  readonly rssBytes: number;
  readonly anonymousBytes: number;
  readonly published: number;
  readonly expectedPublished: number;
  /** Lateness of the simulated agents: whether the bench itself kept up. */
  readonly latenessUs: Percentiles | null;
  /** Age of samples that reached a client of version 2, and their expected number. */
  readonly sampleAgeMs: Percentiles | null;
  readonly expectedWatched: number;
  /** Distance of the gap between two messages of a client from the interval. */
  readonly gapDeviationUs: Percentiles | null;
  /** Agents that the hub considered connected at the end. */
  readonly listedAgents: number;
};

const CPU_GOAL = { agents: 10_000, limitRatio: 0.3 };
const RSS_GOAL = { agents: 100, clients: 1000, limitBytes: 110 * 2 ** 20 };
const CADENCE_LIMIT_US = 50_000;
const LATENESS_LIMIT_US = 500_000;
/** Samples that may be missing because the period cuts an interval. */
const TOLERATED_SHARE = 0.9;

const formatDeviation = (us: number): string => `${formatMilliseconds(us)} ms`;

export function presentIngest(figures: readonly IngestFigures[], failures: readonly string[]): PartResult {
  return {
    title: 'Ingest: a hub, a Redis, and agents that publish every 3 s',
    head: [
      'agents',
      'clients',
      'hub CPU of a core',
      'hub RSS',
      'Redis CPU',
      'age p50 / p99 ms',
      'cadence off by, p99 ms',
    ],
    rows: figures.map((one) => [
      String(one.agents),
      String(one.clients),
      formatCoreShare(one.hubCpuRatio),
      formatMebibytes(one.rssBytes),
      formatCoreShare(one.redisCpuRatio),
      one.sampleAgeMs ? `${one.sampleAgeMs.p50} / ${one.sampleAgeMs.p99}` : '-',
      one.gapDeviationUs ? formatMilliseconds(one.gapDeviationUs.p99) : '-',
    ]),
    goals: figures.flatMap(checkGoals),
    notes: [
      'CPU is the mean and memory the maximum while measuring.',
      'Age is from the sampling to a client of version 2, with up to one interval until the next broadcast.',
      'Cadence is the distance from 3,000 ms of the gap between two messages, over all clients of version 1.',
    ],
    failures: [...failures, ...figures.flatMap(findProblems)],
    figures,
  };
}

function checkGoals(one: IngestFigures): Goal[] {
  const scenario = `${one.agents} agents, ${one.clients} clients`;
  const goals: Goal[] = [];
  if (one.agents === CPU_GOAL.agents) {
    goals.push(atMost(`CPU of the hub: ${scenario}`, one.hubCpuRatio, CPU_GOAL.limitRatio, formatCoreShare));
  }
  if (one.agents === RSS_GOAL.agents && one.clients === RSS_GOAL.clients) {
    goals.push(atMost(`RSS of the hub: ${scenario}`, one.rssBytes, RSS_GOAL.limitBytes, formatMebibytes));
  }
  if (one.gapDeviationUs) {
    const { p99 } = one.gapDeviationUs;
    goals.push(atMost(`cadence off at p99: ${scenario}`, p99, CADENCE_LIMIT_US, formatDeviation));
  }
  return goals;
}

/** Problems that would invalidate the figures. */
function findProblems(one: IngestFigures): string[] {
  const problems: string[] = [];
  const enough = (count: number | undefined, expected: number) => (count ?? 0) >= expected * TOLERATED_SHARE;
  if (!enough(one.published, one.expectedPublished)) {
    problems.push(`${one.published} samples were published, ${one.expectedPublished} were due`);
  }
  if (one.latenessUs && one.latenessUs.p99 > LATENESS_LIMIT_US) {
    problems.push(`simulated agents published ${formatDeviation(one.latenessUs.p99)} late at p99`);
  }
  if (!enough(one.sampleAgeMs?.count, one.expectedWatched)) {
    problems.push(
      `${one.sampleAgeMs?.count ?? 0} samples came to the client, ${one.expectedWatched} were due`,
    );
  }
  if (!one.gapDeviationUs) problems.push('no messages came to the clients of version 1');
  if (one.listedAgents !== one.agents) problems.push(`the hub lists ${one.listedAgents} agents`);
  return problems.map((problem) => `${one.agents} agents, ${one.clients} clients: ${problem}`);
}
