import { atMost, type Goal, type PartResult } from '../part-result.ts';
import { formatCoreShare, formatMebibytes } from '../quantities.ts';

/** Figures of a hub with some agents and rules. */
export type EvaluationFigures = {
  readonly agents: number;
  readonly rules: number;
  /** Evaluations of a host while measuring. */
  readonly evaluations: number;
  /** Mean share of one core. */
  readonly hubCpuRatio: number;
  /** The maximum while measuring. */
  readonly rssBytes: number;
  readonly anonymousBytes: number;
  /** Event loop lag of the main thread. */
  readonly lagP99Ms: number;
  readonly lagMaxMs: number;
};

const GOALS = { agents: 10_000, cpuRatio: 0.15, bytes: 60 * 2 ** 20 };

const formatLag = (ms: number): string => `${ms.toFixed(1)} ms`;

export function presentEvaluation(
  figures: readonly EvaluationFigures[],
  failures: readonly string[],
): PartResult {
  return {
    title: 'Alerts, evaluation: a hub and its fleet, without and with rules',
    head: ['agents', 'rules', 'hub CPU of a core', 'hub RSS', 'anonymous', 'main thread held, p99 / most'],
    rows: figures.map((one) => [
      String(one.agents),
      String(one.rules),
      formatCoreShare(one.hubCpuRatio),
      formatMebibytes(one.rssBytes),
      formatMebibytes(one.anonymousBytes),
      `${formatLag(one.lagP99Ms)} / ${formatLag(one.lagMaxMs)}`,
    ]),
    goals: figures.filter(({ rules }) => rules > 0).flatMap((one) => checkGoals(one, figures)),
    notes: [
      'Rules have a window of 5 minutes each, and nothing meets them. CPU is the mean, memory the maximum.',
    ],
    failures,
    figures,
  };
}

function checkGoals(one: EvaluationFigures, figures: readonly EvaluationFigures[]): Goal[] {
  const without = figures.find(({ agents, rules }) => agents === one.agents && rules === 0);
  if (without === undefined || one.agents !== GOALS.agents) return [];
  const over = `over the hub without rules: ${one.agents} agents, ${one.rules} rules`;
  return [
    atMost(`CPU ${over}`, one.hubCpuRatio - without.hubCpuRatio, GOALS.cpuRatio, formatCoreShare),
    atMost(`memory ${over}`, one.anonymousBytes - without.anonymousBytes, GOALS.bytes, formatMebibytes),
  ];
}
