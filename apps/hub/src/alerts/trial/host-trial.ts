import { type HostId, readAlertMetric, type SeriesHistory } from '@booner/protocol';
import { taskOfAnnotation } from '../../history/task-annotation.ts';
import type { CompiledRule } from '../rules/compile-rule.ts';
import { HistoryMoments, type Moment } from './history-moments.ts';
import { aggregateOf, columnsByDevice } from './trial-metrics.ts';
import { type Trial, type TriedEpisodes, tryRule } from './try-rule.ts';

/** Tries a rule on the history of one host. */
export type HostTrial = {
  /** Takes a page of the history. Pages MUST come in the order of time. */
  take(page: SeriesHistory): void;
  result(): TriedEpisodes;
};

export type HostTrialOptions = {
  readonly rule: CompiledRule;
  readonly host: HostId;
  /** Episodes that ended before are left out. */
  readonly fromMs: number;
};

/** Starts a trial on a host: on each of its devices if the metric is one of devices. */
export function startHostTrial({ rule, host, fromMs }: HostTrialOptions): HostTrial {
  const start = tryRule(rule, fromMs);
  const trials = new Map<string | null, Trial>();
  const trialOf = (device: string | null): Trial => {
    const trial = trials.get(device) ?? start({ host, device });
    trials.set(device, trial);
    return trial;
  };
  const moments = new HistoryMoments();
  const observe = observerOf(rule, { trials, trialOf });
  return {
    take(page) {
      const observeMoment = observe(page);
      for (const moment of moments.of(page)) observeMoment(moment);
    },
    result() {
      const results = [...trials.values()].map((trial) => trial.result());
      return {
        episodes: results.flatMap(({ episodes }) => episodes),
        episodeCount: sum(results.map(({ episodeCount }) => episodeCount)),
        messageCount: sum(results.map(({ messageCount }) => messageCount)),
      };
    },
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

type Trials = {
  readonly trials: ReadonlyMap<string | null, Trial>;
  /** Starts the trial of a device when it is first seen. */
  readonly trialOf: (device: string | null) => Trial;
};
type Observer = (page: SeriesHistory) => (moment: Moment) => void;

function observerOf({ condition }: CompiledRule, trials: Trials): Observer {
  if (condition.type === 'metric') return observeMetric(condition, trials);
  return condition.kind === 'task_failed' ? observeTasks(trials) : observeOffline(trials);
}

function observeMetric(
  condition: Extract<CompiledRule['condition'], { type: 'metric' }>,
  { trials, trialOf }: Trials,
): Observer {
  const aggregate = aggregateOf(condition);
  return (page) => {
    const devices = columnsByDevice(page, condition);
    const seen = new Set([...trials.keys(), ...devices.keys()]);
    return ({ atMs, row, annotation, isOffline }) => {
      if (annotation !== null) return;
      for (const device of seen) {
        const columns = devices.get(device);
        const value =
          row === null
            ? null
            : readAlertMetric(
                condition.metric,
                (metric) => columns?.get(metric)?.[aggregate(metric)][row] ?? null,
              );
        if (device !== null && value === null && !trials.has(device)) continue;
        trialOf(device).observe({ atMs, value, isOffline });
      }
    };
  };
}

const observeOffline =
  ({ trialOf }: Trials): Observer =>
  () =>
  ({ atMs, isOffline }) =>
    trialOf(null).observe({ atMs, value: isOffline ? 1 : 0, isOffline });

/** A subject for each action: it has failed while the last task of the action did. */
function observeTasks({ trials, trialOf }: Trials): Observer {
  const failed = new Map<string | null, boolean>();
  return () =>
    ({ atMs, annotation, isOffline }) => {
      const task = annotation === null ? null : taskOfAnnotation(annotation);
      if (task !== null) {
        trialOf(task.action);
        failed.set(task.action, task.hasFailed);
      }
      for (const [action, trial] of trials) {
        trial.observe({ atMs, value: failed.get(action) === true ? 1 : 0, isOffline });
      }
    };
}
