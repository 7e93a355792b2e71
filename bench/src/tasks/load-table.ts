import type { Percentiles } from '../measure/distribution.ts';
import { atMost, type Goal, type PartResult } from '../part-result.ts';
import { formatCoreShare, formatMebibytes, formatMilliseconds } from '../quantities.ts';

/** Figures of a hub while much changes. */
export type LoadFigures = {
  readonly clients: number;
  /** Running at a time. */
  readonly tasks: number;
  readonly elapsedMs: number;
  /** Written while measuring. */
  readonly events: number;
  /**
   * The reports that runners sent while measuring, the expected number, and the lateness of each:
   * whether the bench kept up.
   */
  readonly reports: number;
  readonly dueReports: number;
  readonly latenessUs: Percentiles | null;
  /** Mean shares of one core. */
  readonly hubCpuRatio: number;
  readonly redisCpuRatio: number;
  readonly hubRssBytes: number;
  /** From a runner's report of progress to some of the clients of version 2. */
  readonly ageUs: Percentiles | null;
  /** From a runner's report of an end to a client of version 1. */
  readonly version1AgeUs: Percentiles | null;
  /** For the client of version 1 that received the most. */
  readonly version1Messages: number;
  readonly version1Bytes: number;
  /** Events that each client of version 2 got, once each, from its connection to the end. */
  readonly eventsInAll: number;
};

/** The goal in the design. */
const VERSION1_MESSAGES_LIMIT = 20;
const LATENESS_LIMIT_US = 250_000;
const TOLERATED_SHARE = 0.95;

const formatAge = (age: Percentiles | null): string =>
  age ? `${formatMilliseconds(age.p50)} / ${formatMilliseconds(age.p99)}` : '-';
const formatRate = (rate: number): string => rate.toFixed(1);

export function presentLoad(figures: readonly LoadFigures[], failures: readonly string[]): PartResult {
  return {
    title: 'Tasks, load: many changes a second at many clients',
    head: [
      'clients',
      'changes a second',
      'hub CPU of a core',
      'hub RSS',
      'Redis CPU',
      'age of events, p50 / p99 ms',
      'age of maps, p50 / p99 ms',
      'maps a second',
      'KiB a map',
      'events at each client',
    ],
    rows: figures.map((one) => [
      String(one.clients),
      (one.events / (one.elapsedMs / 1000)).toFixed(0),
      formatCoreShare(one.hubCpuRatio),
      formatMebibytes(one.hubRssBytes),
      formatCoreShare(one.redisCpuRatio),
      formatAge(one.ageUs),
      formatAge(one.version1AgeUs),
      formatRate(version1Rate(one)),
      one.version1Messages === 0 ? '-' : (one.version1Bytes / one.version1Messages / 1024).toFixed(1),
      String(one.eventsInAll),
    ]),
    goals: figures.map(checkGoals),
    notes: [
      'Half of the clients are of version 2, which get each event, and half of version 1, which get maps; a task has 17 reports of progress.',
      'Age is from the report of a runner to a client. Each client of version 2 got every event of the run once; else it is a failure.',
    ],
    failures: [...failures, ...figures.flatMap(findProblems)],
    figures,
  };
}

const version1Rate = ({ version1Messages, elapsedMs }: LoadFigures): number =>
  version1Messages / (elapsedMs / 1000);

const checkGoals = (one: LoadFigures): Goal =>
  atMost('maps a second to a client', version1Rate(one), VERSION1_MESSAGES_LIMIT, formatRate);

/** Problems that would invalidate the figures. */
function findProblems(one: LoadFigures): string[] {
  const problems: string[] = [];
  if (one.reports < one.dueReports * TOLERATED_SHARE) {
    problems.push(`${one.reports} reports were sent, ${one.dueReports.toFixed(0)} were due`);
  }
  if (one.latenessUs && one.latenessUs.p99 > LATENESS_LIMIT_US) {
    problems.push(`simulated runners reported ${formatMilliseconds(one.latenessUs.p99)} ms late at p99`);
  }
  if (one.events < one.dueReports * TOLERATED_SHARE) {
    problems.push(
      `${one.events} events came of ${one.dueReports.toFixed(0)} reports: the hub does not keep up`,
    );
  }
  if (!one.ageUs) problems.push('no progress came to the clients of version 2');
  if (!one.version1AgeUs) problems.push('no end came to the client of version 1');
  return problems.map((problem) => `${one.clients} clients: ${problem}`);
}
