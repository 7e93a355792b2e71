import { LONG_TASK_MS } from '../measure/long-tasks.ts';
import { atMost, type PartResult } from '../part-result.ts';

export type RolloutPageFigures = {
  readonly hosts: number;
  readonly batch: number;
  /** One rollout each: cells of its page, and tasks of over 50 ms, in milliseconds. */
  readonly rounds: readonly {
    readonly cells: number;
    readonly openingMs: readonly number[];
    readonly updatingMs: readonly number[];
  }[];
};

const formatMs = (ms: number): string => `${ms.toFixed(0)} ms`;

export function presentRolloutPage(figures: RolloutPageFigures): PartResult {
  const { hosts, batch, rounds } = figures;
  const phases = [
    ['opening the page', rounds.flatMap(({ openingMs }) => openingMs)],
    ['updates', rounds.flatMap(({ updatingMs }) => updatingMs)],
  ] as const;
  return {
    title: `Rollouts, dashboard: ${hosts} cells that fill in batches of ${batch}`,
    head: ['what', 'rollouts', 'long tasks', 'longest ms'],
    rows: phases.map(([what, tasksMs]) => [
      what,
      String(rounds.length),
      String(tasksMs.length),
      tasksMs.length === 0 ? '-' : Math.max(...tasksMs).toFixed(0),
    ]),
    goals: [
      atMost(
        'updates, longest task',
        Math.max(0, ...rounds.flatMap(({ updatingMs }) => updatingMs)),
        LONG_TASK_MS,
        formatMs,
      ),
    ],
    notes: [],
    failures: rounds.every(({ cells }) => cells === hosts) ? [] : ['a page did not show all hosts'],
    figures,
  };
}
