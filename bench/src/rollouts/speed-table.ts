import { atMost, type PartResult } from '../part-result.ts';
import { formatCoreShare, formatRatio } from '../quantities.ts';

type Measured = { readonly elapsedMs: number; readonly cpuMs: number };

/** One round: a rollout, and as many tasks that a client created by itself. */
export type RolloutFigures = {
  readonly hosts: number;
  readonly batch: number;
  readonly rollout: Measured;
  readonly apart: Measured;
};

const GOAL_SECONDS = 20;
const GOAL_CORE_SHARE = 0.6;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const seconds = (value: number) => `${value.toFixed(1)} s`;

export function presentRollouts(figures: readonly RolloutFigures[]): PartResult {
  const [{ hosts, batch } = { hosts: 0, batch: 0 }] = figures;
  const of = (way: 'rollout' | 'apart') => ({
    elapsedMs: median(figures.map((each) => each[way].elapsedMs)),
    cpuMs: median(figures.map((each) => each[way].cpuMs)),
  });
  const [rollout, apart] = [of('rollout'), of('apart')];
  const row = (what: string, { elapsedMs, cpuMs }: Measured) => [
    ...[what, seconds(elapsedMs / 1000), formatCoreShare(cpuMs / elapsedMs)],
    `${((cpuMs / hosts) * 1000).toFixed(0)} µs`,
  ];
  return {
    title: `Rollouts: ${hosts} hosts, an action that takes no time`,
    head: ['what', 'time', "hub's core", 'hub per host'],
    rows: [row(`a rollout in batches of ${batch}`, rollout), row('tasks of a client, all at once', apart)],
    goals: [
      atMost('a rollout', rollout.elapsedMs / 1000, GOAL_SECONDS, seconds),
      atMost("a rollout, hub's core", rollout.cpuMs / rollout.elapsedMs, GOAL_CORE_SHARE, formatCoreShare),
    ],
    notes: [
      `Median of ${figures.length} rounds. A host of a rollout costs the hub ${formatRatio(rollout.cpuMs / apart.cpuMs)} of one alone.`,
      'Runners are simulated: they claim, wait for the grant, and end.',
    ],
    failures: [],
    figures,
  };
}
