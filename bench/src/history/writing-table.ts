import { atMost, type Goal, type PartResult } from '../part-result.ts';
import { formatCoreShare, formatMebibytes } from '../quantities.ts';

/** Figures of a hub with some agents. */
export type WritingFigures = {
  readonly agents: number;
  readonly hasHistory: boolean;
  /** Mean share of one core. */
  readonly hubCpuRatio: number;
  /** The maximum while measuring. */
  readonly rssBytes: number;
  /** Event loop lag of the main thread. */
  readonly lagP99Ms: number;
  readonly lagMaxMs: number;
};

const CPU_GOALS = new Map([
  [1000, 0.04],
  [10_000, 0.3],
]);
const SMALL_GOALS = { agents: 1000, rssBytes: 48 * 2 ** 20, lagMs: 20 };

const formatLag = (ms: number): string => `${ms.toFixed(1)} ms`;

export function presentWriting(figures: readonly WritingFigures[], failures: readonly string[]): PartResult {
  return {
    title: 'History, writing: a hub and its fleet, without and with a history',
    head: ['agents', 'history', 'hub CPU of a core', 'hub RSS', 'main thread held, p99 / most'],
    rows: figures.map((one) => [
      String(one.agents),
      one.hasHistory ? 'on' : 'off',
      formatCoreShare(one.hubCpuRatio),
      formatMebibytes(one.rssBytes),
      `${formatLag(one.lagP99Ms)} / ${formatLag(one.lagMaxMs)}`,
    ]),
    goals: figures.filter(({ hasHistory }) => hasHistory).flatMap((one) => checkGoals(one, figures)),
    notes: [
      'CPU is the mean and memory the maximum while measuring, over one minute that each host stores.',
      'The lag of the event loop includes the time that other processes took of the cores.',
    ],
    failures,
    figures,
  };
}

function checkGoals(one: WritingFigures, figures: readonly WritingFigures[]): Goal[] {
  const without = figures.find(({ agents, hasHistory }) => agents === one.agents && !hasHistory);
  const limit = CPU_GOALS.get(one.agents);
  if (without === undefined || limit === undefined) return [];
  const goals = [
    atMost(
      `CPU over the hub without a history: ${one.agents} agents`,
      one.hubCpuRatio - without.hubCpuRatio,
      limit,
      formatCoreShare,
    ),
  ];
  if (one.agents !== SMALL_GOALS.agents) return goals;
  return [
    ...goals,
    atMost(
      `RSS over it: ${one.agents} agents`,
      one.rssBytes - without.rssBytes,
      SMALL_GOALS.rssBytes,
      formatMebibytes,
    ),
    atMost(`main thread held: ${one.agents} agents`, one.lagMaxMs, SMALL_GOALS.lagMs, formatLag),
  ];
}
