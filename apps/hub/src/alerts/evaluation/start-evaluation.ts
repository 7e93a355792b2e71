import type { AlertBus, LeaseBus, RolloutBus, TaskBus } from '@booner/bus';
import type { HostId } from '@booner/protocol';
import { createFailureLog, type Logger } from '@booner/service';
import type { Metric } from '../../feature/metric.ts';
import type { FleetFeature } from '../../fleet/start-fleet.ts';
import type { HistoryReader } from '../../history/history-reader.ts';
import type { TasksFeature } from '../../tasks/start-tasks.ts';
import type { AlertBoard } from '../board/alert-board.ts';
import type { AlertFollower } from '../board/follow-alerts.ts';
import { WELL } from '../machine/alert-machine.ts';
import type { AlertSettings } from '../settings/alert-settings.ts';
import type { StateFacts } from '../states/state-kind.ts';
import { ActiveRules } from './active-rules.ts';
import { ChangeQueue } from './change-queue.ts';
import { evaluateFleet } from './evaluate-fleet.ts';
import { evaluateHosts } from './evaluate-hosts.ts';
import { Evaluator } from './evaluator.ts';
import { FleetWork, type FleetWorkDeps } from './fleet-work.ts';
import { LastTasks } from './last-tasks.ts';
import { LongTasks } from './long-tasks.ts';
import { Mutes } from './mutes.ts';
import { SeedWindows } from './seed-windows.ts';

export type EvaluationDeps = {
  readonly bus: Pick<AlertBus, 'change'>;
  readonly leases: Pick<LeaseBus, 'leaseOf' | 'follow'>;
  readonly fleet: Pick<FleetFeature, 'fleet' | 'onMeasured' | 'onTransitions'>;
  readonly tasks: Pick<TasksFeature, 'board' | 'onEnded'>;
  readonly taskBus: Pick<TaskBus, 'list'>;
  readonly rollouts: FleetWorkDeps['rollouts'] & Pick<RolloutBus, 'whenConnected'>;
  readonly schedules: FleetWorkDeps['schedules'];
  readonly history: Pick<HistoryReader, 'query'> | null;
  readonly board: AlertBoard;
  readonly settings: AlertSettings;
  /** True while this hub receives nothing. */
  readonly isBlind: () => boolean;
  readonly version: string;
  /** Unix time. */
  readonly nowMs: () => number;
  readonly log: Logger;
};

export type Evaluation = {
  readonly follower: AlertFollower;
  readonly metrics: readonly Metric[];
  run(options: { readonly signal: AbortSignal }): Promise<void>;
};

/** Connects the evaluation of rules with what it goes by: samples, statuses, tasks, settings. */
export function startEvaluation(deps: EvaluationDeps): Evaluation {
  const { bus, leases, fleet, tasks, history, board, settings, isBlind, version, nowMs, log } = deps;
  const { taskBus, rollouts, schedules } = deps;
  const rules = new ActiveRules();
  const updateRules = () => rules.update(settings.rules());
  updateRules();
  settings.onChange((kind) => {
    if (kind === 'rules') updateRules();
  });

  const lastTasks = new LastTasks();
  const longTasks = new LongTasks({
    ...{ bus: taskBus, board: tasks.board, nowMs },
    onFailure: (error) => log.debug({ err: error }, 'usual durations of tasks could not be read'),
  });
  let areTasksLoaded = false;
  const isReady = () => {
    if (!board.isLoaded || !settings.isLoaded || !fleet.fleet.isLoaded || !tasks.board.isLoaded) return false;
    if (!areTasksLoaded) lastTasks.load(tasks.board.tasks());
    areTasksLoaded = true;
    return true;
  };
  const factsOf = (host: HostId): Pick<StateFacts, 'endedTasks' | 'longTasks' | 'heartbeats'> => ({
    endedTasks: lastTasks.of(host, nowMs()),
    longTasks: longTasks.of(host),
    heartbeats: settings
      .heartbeatsOf(host)
      .map(({ name, dueAtMs }) => ({ name, isMissed: nowMs() > dueAtMs })),
  });

  const failures = createFailureLog(log, {
    failing: 'changes of alerts cannot be stored',
    recovered: 'changes of alerts are stored again',
  }).job();
  const mutes = new Mutes({ fleet: fleet.fleet, settings, isHubBlind: isBlind });
  const evaluator: Evaluator = new Evaluator({
    ...{ fleet: fleet.fleet, leases, rules, board, mutes, isReady, factsOf, nowMs },
    changes: new ChangeQueue({ bus, failures }),
    hubVersion: version,
    onWatched: (watch) => seeds.add(watch),
  });
  const seeds = new SeedWindows({
    history,
    current: ({ subject }) => evaluator.watchOf(subject.host),
    nowMs,
    log,
  });

  const work = new FleetWork({ rollouts, schedules });

  tasks.onEnded((ended) => {
    lastTasks.onEnded(ended);
    for (const { host } of ended) evaluator.touch(host);
  });
  const onTick = () => {
    for (const { host } of settings.heartbeats()) evaluator.touch(host);
    for (const host of longTasks.look()) evaluator.touch(host);
  };
  return {
    metrics: [
      {
        type: 'counter',
        name: 'booner_hub_alert_evaluations_total',
        help: 'Evaluations of all rules on one host by this hub',
        read: () => evaluator.evaluations,
      },
    ],
    follower: {
      onEvents(events) {
        for (const event of events) {
          if (event.type !== 'alerts') continue;
          for (const { key, after } of event.changes) {
            evaluator.onStored(key, after?.text ?? null, after?.alert.memory ?? WELL);
          }
        }
      },
      onReset: () => evaluator.reset(),
      onBus: () => {},
    },
    run: async ({ signal }) => {
      const onRemoved = (host: HostId) => lastTasks.forget(host);
      await Promise.all([
        evaluateHosts({ evaluator, mutes, leases, fleet, onTick, onRemoved, nowMs, log }, { signal }),
        evaluateFleet({ evaluator, work, rollouts, leases, log }, { signal }),
      ]);
    },
  };
}
