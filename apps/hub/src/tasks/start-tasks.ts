import type { BusState, HostId, TaskEvent } from '@booner/protocol';
import type { Logger } from '@booner/service';
import type { Buses } from '../buses/open-buses.ts';
import type { HubConfig } from '../config/config.ts';
import type { Feature } from '../feature/feature.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { ReadableOf } from '../fleet/read-scopes.ts';
import type { SocketSupervisor } from '../ws/socket-supervisor.ts';
import { type StreamEndpoint, streamEndpoint } from '../ws/stream-endpoint.ts';
import { type CreateTask, taskCreator } from './create-task.ts';
import { createEndedTasks, type TaskObserver } from './ended-tasks.ts';
import { followTasks } from './follow-tasks.ts';
import { endLostTasks } from './lost-tasks.ts';
import { ReportApplier } from './report-applier.ts';
import { TaskBoard } from './task-board.ts';
import { taskHttp } from './task-http.ts';
import { taskMetrics } from './task-metrics.ts';
import { TaskStream } from './task-stream.ts';
import { endAbandonedTasks, pruneTasks, repeatCancels } from './task-upkeep.ts';

/** Tasks that may wait for one target; more are refused. */
const MAX_QUEUED = 25;
/** External tasks of one host that have not ended; more are refused. */
const MAX_EXTERNAL_OF_HOST = 25;

export type TasksDeps = {
  readonly buses: Pick<Buses, 'tasks' | 'secrets'>;
  readonly config: Pick<HubConfig, 'retention' | 'externalTasks'>;
  readonly fleet: Pick<Fleet, 'requireLoaded' | 'onRosterChange' | 'rosterRevision'>;
  /** Returns the reason why clients wait for their first data, as a sentence. */
  readonly waitingFor: () => string;
  readonly supervisor: SocketSupervisor;
  readonly ownerOf: StreamEndpoint['ownerOf'];
  readonly readableOf: ReadableOf;
  readonly observer: TaskObserver;
  readonly log: Logger;
};

export type TasksFeature = Feature & {
  readonly board: Pick<TaskBoard, 'isLoaded' | 'tasks' | 'get'>;
  /** Creates tasks: the only way to do so. */
  readonly create: CreateTask;
  /** Adds a listener for tasks that have ended. It MUST NOT throw. */
  onEnded(listener: TaskObserver['onEnded']): void;
};

/** Starts the tasks: requests in, the task stream out, and what keeps tasks from getting lost. */
export function startTasks({
  buses: { tasks: bus, secrets },
  config,
  fleet,
  waitingFor,
  supervisor,
  ownerOf,
  readableOf,
  observer,
  log,
}: TasksDeps): TasksFeature {
  const { retention, externalTasks } = config;
  const limits = {
    maxQueued: MAX_QUEUED,
    maxExternalOfHost: MAX_EXTERNAL_OF_HOST,
    maxExternalOfCredential: externalTasks.maxOfCredential,
  };
  const subjectOf = (host: HostId) => fleet.requireLoaded().get(host)?.subject ?? null;
  const create = taskCreator({ bus, secrets, isTarget: (host) => subjectOf(host) !== null, limits });
  const board = new TaskBoard();
  const rosterRevision = () => fleet.rosterRevision;
  const stream = new TaskStream({ bus, board, rosterRevision, waitingFor, log });
  fleet.onRosterChange(() => stream.applyReadScopes());
  const reports = new ReportApplier({ bus, log });
  const observers = [observer];
  const onEnded: TaskObserver['onEnded'] = (tasks) => {
    for (const each of observers) each.onEnded(tasks);
  };
  const ended = createEndedTasks(board, { onEnded });
  const followers = {
    publish(events: readonly TaskEvent[]) {
      ended.record(events);
      stream.publish(events);
    },
    reset: () => stream.reset(),
    setBus: (state: BusState) => stream.setBus(state),
  };
  return {
    board,
    create,
    onEnded: (listener) => void observers.push({ onEnded: listener }),
    routes: [
      ...taskHttp({ bus, board, subjectOf, readableOf, create, log }),
      streamEndpoint({
        path: '/ws/tasks/updates',
        mirror: '/tasks',
        stream,
        supervisor,
        ownerOf: (c) => ({ ...ownerOf(c), readable: readableOf(c) }),
      }),
    ],
    metrics: [...taskMetrics({ board, stream, reports }), ...ended.metrics],
    run: ({ signal }) =>
      Promise.all([
        followTasks({ bus, board, stream: followers, log }, { signal }),
        stream.run({ signal }),
        reports.run({ signal }),
        endLostTasks({ bus, board, log }, { signal }),
        repeatCancels({ bus, board, log }, { signal }),
        endAbandonedTasks({ bus, board, afterMs: externalTasks.timeoutMs, log }, { signal }),
        pruneTasks({ bus, retention, log }, { signal }),
      ]),
  };
}
