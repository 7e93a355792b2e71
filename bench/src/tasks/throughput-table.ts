import type { Percentiles } from '../measure/distribution.ts';
import { atLeast, type Goal, type PartResult } from '../part-result.ts';
import { formatMilliseconds, formatRatio } from '../quantities.ts';
import type { ThroughputScenario } from './contestants.ts';

/** Figures of one system. */
export type ContestantFigures = {
  readonly completed: number;
  readonly tasksPerSecond: number;
  /** From the request to the event of the end. */
  readonly wholeUs: Percentiles;
  /** By role: hub, Redis, runner (all of them, with what they start), callers. */
  readonly cpuUsPerTask: Readonly<Record<string, number>>;
};

export type ThroughputFigures = ThroughputScenario & {
  readonly booner: ContestantFigures;
  readonly bullMq: ContestantFigures;
};

const GOAL_TASKS_PER_SECOND = 300;
const ROLES = ['hub', 'Redis', 'runner', 'callers'] as const;

const WORK: Record<ThroughputScenario['kind'], string> = {
  simulated: 'nothing',
  real: 'runs true',
};

export function presentThroughput(
  figures: readonly ThroughputFigures[],
  failures: readonly string[],
): PartResult {
  return {
    title: 'Tasks, throughput: from the request to the event of the end',
    head: [
      'runners',
      'a task',
      'system',
      'tasks a second',
      'of its peer',
      'p50 / p99 ms',
      ...ROLES.map((role) => `${role} µs`),
      'all µs',
    ],
    rows: figures.flatMap((one) => [
      describe(one, 'Booner', one.booner, formatRatio(one.booner.tasksPerSecond / one.bullMq.tasksPerSecond)),
      describe(one, 'BullMQ', one.bullMq, ''),
    ]),
    goals: figures.filter(({ kind }) => kind === 'simulated').map(checkGoals),
    notes: [
      'µs are CPU time a task, of all processes of the role.',
      'As many tasks are under way all the time as either system is given: 20 a runner, 200 in all. Both work in turns, each on a Redis of its own.',
      "Booner's callers ask over HTTP and watch over WebSocket; BullMQ's are at Redis themselves, and its jobs go to any worker.",
      'Runners that are simulated claim, wait for the grant, and end; the real one keeps a journal and starts `true`, as a worker of BullMQ does.',
    ],
    failures,
    figures,
  };
}

function describe(
  { runners, kind }: ThroughputScenario,
  system: string,
  { tasksPerSecond, wholeUs, cpuUsPerTask }: ContestantFigures,
  ratio: string,
): string[] {
  const all = Object.values(cpuUsPerTask).reduce((sum, us) => sum + us, 0);
  return [
    kind === 'real' ? `${runners} real` : String(runners),
    WORK[kind],
    system,
    tasksPerSecond.toFixed(0),
    ratio,
    `${formatMilliseconds(wholeUs.p50)} / ${formatMilliseconds(wholeUs.p99)}`,
    ...ROLES.map((role) => cpuUsPerTask[role]?.toFixed(0) ?? '-'),
    all.toFixed(0),
  ];
}

const checkGoals = ({ runners, booner }: ThroughputFigures): Goal =>
  atLeast(
    `tasks a second, simulated runners: ${runners}`,
    booner.tasksPerSecond,
    GOAL_TASKS_PER_SECOND,
    (rate) => rate.toFixed(0),
  );
