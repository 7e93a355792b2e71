import type { BusConnection, Rejection } from '../../ports.ts';
import type { TaskBus } from '../../task-ports.ts';
import { openClient } from '../connection/client.ts';
import { blockingOptions, commandOptions, type RedisSettings } from '../connection/connection-options.ts';
import { startHeartbeat } from '../connection/heartbeat.ts';
import type { ConnectionScope } from '../connection/keep-connected.ts';
import { startRedisSession } from '../connection/redis-session.ts';
import { createStreamFollower, createStreamReader } from '../connection/stream-reader.ts';
import { applyReport } from './apply-report.ts';
import { readArtefactPart, settleArtefacts } from './artefact-parts.ts';
import { createLogReader } from './log-reader.ts';
import { createReportReader } from './report-reader.ts';
import { wakesOptions, watchReports } from './report-wakes.ts';
import { createRunnerReader } from './runner-reader.ts';
import {
  cancelTask,
  changeTask,
  checkAccess,
  createTask,
  endAbandoned,
  endLostTask,
  prune,
  repeatCancel,
} from './task-commands.ts';
import { taskEvents } from './task-events.ts';
import { createTaskReader } from './task-reader.ts';
import { createTaskSteps } from './task-steps.ts';

export type RedisTasksOptions = {
  readonly redis: RedisSettings;
  /**
   * Name of this hub among those that share the reports. A hub that keeps its name over a restart
   * gets the reports again that it read and did not apply.
   */
  readonly hub: string;
  /** Called for transitions only. */
  readonly onConnection?: (connection: BusConnection) => void;
  /** Called for stored values that cannot be parsed and were left out. */
  readonly onRejected?: (rejection: Rejection) => void;
  readonly random?: () => number;
};

const PING_AFTER_MS = 3000;

/**
 * Starts a hub's side of the tasks over three connections that end together: one for commands, one
 * that blocks until there are events, and one on which Redis names the hosts with new reports.
 * Returns before they are made. Requires Redis 7, which refuses a script as a whole or not at all.
 * @throws BusError `bad_url` or `bad_certificate`
 */
export async function startRedisTasks(
  { redis: settings, hub, onConnection, onRejected = () => {}, random }: RedisTasksOptions,
  { signal }: { signal?: AbortSignal } = {},
): Promise<TaskBus> {
  const options = { ...commandOptions(settings, 'booner-hub-tasks'), enableAutoPipelining: true };
  const eventOptions = blockingOptions(settings, 'booner-hub-events');
  const wakeOptions = wakesOptions(settings, 'booner-hub-reports');

  const open = async (scope: ConnectionScope) => {
    const [commands, events, wakes] = await Promise.all([
      openClient(options, scope),
      openClient(eventOptions, scope),
      openClient(wakeOptions, scope),
    ]);
    startHeartbeat(commands, scope, { everyMs: PING_AFTER_MS });
    startHeartbeat(wakes, scope, { everyMs: PING_AFTER_MS });
    await checkAccess(commands);
    const reports = createReportReader(commands, hub, onRejected, scope.signal);
    await watchReports(wakes, commands, reports.wake);
    return {
      session: {
        commands,
        step: createTaskSteps(commands),
        tasks: createTaskReader(commands, onRejected),
        events: createStreamReader(commands, taskEvents(onRejected)),
        follower: createStreamFollower(events, taskEvents(onRejected)),
        reports,
        runners: createRunnerReader(commands, onRejected),
        logs: createLogReader(commands, onRejected),
      },
    };
  };
  const { side, use } = startRedisSession({ open, onConnection, random, signal });

  return {
    ...side,

    create: use(({ step }, task) => createTask(step, task)),
    cancel: use(({ step }, id) => cancelTask(step, id)),
    change: use(({ step }, id, change) => changeTask(step, id, change)),
    endAbandoned: use(({ step }, ids, afterMs, error) => endAbandoned(step, ids, afterMs, error)),
    endLost: use(({ step }, id, attempt, error) => endLostTask(step, id, attempt, error)),
    repeatCancel: use(({ step }, id, afterMs) => repeatCancel(step, id, afterMs)),

    read: use(({ tasks }, id) => tasks.read(id)),
    findByKey: use(({ tasks }, key) => tasks.findByKey(key)),
    list: use(({ tasks }, query) => tasks.list(query)),
    readBoard: use(({ tasks }, ended) => tasks.readBoard(ended)),

    nextEvents: use(({ follower }, after, max) => follower.next(after, max)),
    readEvents: use(({ events }, after, max) => events.read(after, max)),
    readLastCursor: use(({ events }) => events.readLastCursor()),

    nextReports: use(({ reports }, max) => reports.next(max)),
    takeOverReports: use(({ reports }, idleMs, max) => reports.takeOver(idleMs, max)),
    apply: use(({ step }, received) => applyReport(step, received)),

    readRunner: use(({ runners }, host) => runners.read(host)),
    readPresentHosts: use(({ runners }, hosts) => runners.readPresentHosts(hosts)),
    findRunners: use(({ runners, scope }, action) => runners.find(action, scope.signal)),

    readLogTail: use(({ logs }, id, max) => logs.readTail(id, max)),
    readLog: use(({ logs }, id, from, max) => logs.read(id, from, max)),
    readLogs: use(({ logs }, from, max) => logs.readMany(from, max)),

    readArtefactPart: use(({ commands }, id, index) => readArtefactPart(commands, id, index)),
    settleArtefacts: use(({ commands }, id, parts) => settleArtefacts(commands, { id, parts, hub })),

    prune: use(({ commands }, retention) => prune(commands, retention)),
  };
}
