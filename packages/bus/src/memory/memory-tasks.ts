import { type HostId, START_CURSOR, type Task, type TaskId } from '@booner/protocol';
import type { CreateOutcome, LogPage, NewTask, TaskBus, TaskPage, TaskQuery } from '../task-ports.ts';
import { applyReport } from './apply-report.ts';
import { cancelStep, changeStep, endLostStep, repeatCancelStep } from './command-steps.ts';
import { jsonCopy } from './json-copy.ts';
import { logPage, logTail } from './log-page.ts';
import { startLife } from './memory-scope.ts';
import type { TaskState } from './task-state.ts';

/** How long a reader waits for the first event or report. */
const WAIT_MS = 5000;
/** Tasks that one call of `prune` forgets at most. */
const PRUNE_BATCH = 500;

export type MemoryTasksOptions = {
  /** How long `nextEvents` and `nextReports` wait at most; default 5 s. */
  readonly waitMs?: number;
};

/** One hub's side of the tasks of a bus in memory. */
export function startMemoryTasks(state: TaskState, { waitMs = WAIT_MS }: MemoryTasksOptions = {}): TaskBus {
  const life = startLife();
  /** Wraps a step: it rejects once this side has been disposed of. */
  const step =
    <A extends unknown[], R>(run: (...args: A) => R) =>
    async (...args: A): Promise<Awaited<R>> => {
      life.assertAlive();
      return await run(...args);
    };

  return {
    connection: life.connection,
    whenConnected: life.whenConnected,
    create: step((task) => create(state, task)),
    cancel: step((id) => {
      const record = state.record(id);
      if (record === undefined) return { type: 'unknown' };
      const { outcome, step } = cancelStep(record, Date.now());
      if (step !== null) state.commit(record, step);
      return outcome;
    }),
    change: step((id, change) => {
      const record = state.record(id);
      if (record === undefined) return { type: 'unknown' };
      if (!record.task.external) return { type: 'not_external' };
      const next = changeStep(record, change, Date.now());
      if (next === null) return { type: 'forbidden', status: record.task.status };
      return { type: 'changed', task: jsonCopy(state.commit(record, next)) };
    }),
    endLost: step((id, attempt, error) => {
      const record = state.record(id);
      if (record === undefined || state.servedBy(record.task.host) !== null) return 'unchanged';
      const { outcome, step } = endLostStep(record, attempt, error, Date.now());
      if (step !== null) state.commit(record, step);
      return outcome;
    }),
    repeatCancel: step((id, afterMs) => {
      const record = state.record(id);
      const next = record === undefined ? null : repeatCancelStep(record, afterMs, Date.now());
      if (record !== undefined && next !== null) state.commit(record, next);
      return next !== null;
    }),

    read: step((id) => readTask(state, id)),
    list: step((query) => list(state, query)),
    readBoard: step((ended) => {
      const ids = [...state.openIds(), ...(ended > 0 ? state.endedIds().slice(-ended) : [])];
      const tasks = ids.map((id) => readTask(state, id)).filter((task) => task !== null);
      return { cursor: state.lastEvent(), tasks };
    }),

    nextEvents: (after, max) =>
      state.eventBell.lookUntil(() => state.readEvents(after, max), isSomething, waitMs, life),
    readEvents: step((after, max) => state.readEvents(after, max)),
    readLastCursor: step(() => state.lastEvent()),

    nextReports: (max) =>
      state.reportBell.lookUntil(() => state.reports.next(max), isSomething, waitMs, life),
    takeOverReports: step((idleMs, max) => state.reports.takeOver(idleMs, max)),
    apply: step((received) => applyReport(state, received, Date.now())),

    readRunner: step((host) => state.runner(host)),
    readPresentHosts: step(
      (hosts): ReadonlySet<HostId> => new Set(hosts.filter((host) => state.servedBy(host) !== null)),
    ),
    findRunners: step((action) =>
      [...state.channels()]
        .map((channel) => channel.runner())
        .filter((runner) => runner !== null)
        .filter(
          ({ presence }) => action === undefined || presence.actions.some(({ name }) => name === action),
        ),
    ),

    readLogTail: step((id, max) => logTail(state.logs.read(id, START_CURSOR), max, START_CURSOR)),
    readLog: step((id, { afterLine, after = START_CURSOR }, max) =>
      logPage(state.logs.read(id, after), { afterLine, after, max }),
    ),
    readLogs: step((from, max) => {
      const pages = new Map<TaskId, LogPage>();
      for (const [id, { afterLine, after }] of from) {
        const entries = state.logs.read(id, after);
        if (entries.length > 0) pages.set(id, logPage(entries, { afterLine, after, max }));
      }
      return pages;
    }),

    prune: step(({ maxEnded, maxAgeMs }) => {
      const ids = state.endedIds();
      const oldestMs = Date.now() - maxAgeMs;
      const over = ids
        .filter(
          (id, index) =>
            index < ids.length - maxEnded || (state.record(id)?.task.endedAtMs ?? oldestMs) < oldestMs,
        )
        .slice(0, PRUNE_BATCH);
      for (const id of over) state.forget(id);
      return over.length;
    }),
    [Symbol.asyncDispose]: async () => life.end(),
  };
}

const isSomething = (seen: readonly unknown[] | 'trimmed'): boolean => seen.length > 0;

const readTask = (state: TaskState, id: TaskId): Task | null => {
  const record = state.record(id);
  return record === undefined ? null : jsonCopy(record.task);
};

function create(state: TaskState, task: NewTask): CreateOutcome {
  const { idempotency } = task;
  const made = idempotency === null ? null : state.idempotencyKeys.find(idempotency.key);
  if (made !== null) {
    return { type: made.bodyHash === idempotency?.bodyHash ? 'existing' : 'key_reused', id: made.id };
  }
  const queued = state.queuedCount(task.host);
  if (task.offer !== null && queued >= task.maxQueued) return { type: 'queue_full', queued };
  if (idempotency !== null) {
    state.idempotencyKeys.keep(idempotency.key, { id: task.id, bodyHash: idempotency.bodyHash });
  }
  return { type: 'created', task: jsonCopy(state.add(task)) };
}

/** Pages go from new to old; `next` is the sequence of the last task of a page. */
function list(state: TaskState, { status, host, action, limit, after }: TaskQuery): TaskPage {
  const found = state
    .records()
    .toReversed()
    .filter(
      ({ task, sequence }) =>
        (after === undefined || sequence < Number(after)) &&
        (status === undefined || task.status === status) &&
        (host === undefined || task.host === host) &&
        (action === undefined || task.action === action),
    );
  const page = found.slice(0, limit);
  return {
    tasks: page.map(({ task }) => jsonCopy(task)),
    next: found.length > limit ? String(page.at(-1)?.sequence) : null,
  };
}
