import { type HostId, START_CURSOR, type Task, type TaskId } from '@booner/protocol';
import { MAX_WAIT_MS, PRUNE_BATCH } from '../limits.ts';
import type { CreateOutcome, LogPage, NewTask, TaskBus, TaskPage, TaskQuery } from '../task-ports.ts';
import { applyReport } from './apply-report.ts';
import { cancelStep, changeStep, endAbandonedStep, endLostStep, repeatCancelStep } from './command-steps.ts';
import { jsonCopy } from './json-copy.ts';
import { logPage, logTail } from './log-page.ts';
import { startMemoryScope } from './memory-scope.ts';
import type { TaskState } from './task-state.ts';

export type MemoryTasksOptions = {
  /** Longest wait of `nextEvents` and `nextReports`; default 5 s. */
  readonly waitMs?: number;
};

/** Starts a hub's side of the tasks of a bus in memory. */
export function startMemoryTasks(
  state: TaskState,
  { waitMs = MAX_WAIT_MS }: MemoryTasksOptions = {},
): TaskBus {
  const scope = startMemoryScope();
  const { side, use } = scope;
  return {
    ...side,
    create: use((task) => create(state, task)),
    cancel: use((id) => {
      const record = state.record(id);
      if (record === undefined) return { type: 'unknown' };
      const { outcome, step } = cancelStep(record, Date.now());
      if (step !== null) state.commit(record, step);
      return outcome;
    }),
    change: use((id, change) => {
      const record = state.record(id);
      if (record === undefined) return { type: 'unknown' };
      if (!record.task.external) return { type: 'not_external' };
      const next = changeStep(record, change, Date.now());
      if (next === null) return { type: 'forbidden', status: record.task.status };
      return { type: 'changed', task: jsonCopy(state.commit(record, next)) };
    }),
    endAbandoned: use((ids, afterMs, error) =>
      ids.filter((id) => {
        const record = state.record(id);
        const step = record === undefined ? null : endAbandonedStep(record, afterMs, error, Date.now());
        if (record !== undefined && step !== null) state.commit(record, step);
        return step !== null;
      }),
    ),
    endLost: use((id, attempt, error) => {
      const record = state.record(id);
      if (record === undefined || state.servedBy(record.task.host) !== null) return 'unchanged';
      const { outcome, step } = endLostStep(record, attempt, error, Date.now());
      if (step !== null) state.commit(record, step);
      return outcome;
    }),
    repeatCancel: use((id, afterMs) => {
      const record = state.record(id);
      const next = record === undefined ? null : repeatCancelStep(record, afterMs, Date.now());
      if (record !== undefined && next !== null) state.commit(record, next);
      return next !== null;
    }),

    read: use((id) => readTask(state, id)),
    findByKey: use((key) => state.idempotencyKeys.find(key)?.id ?? null),
    list: use((query) => list(state, query)),
    readBoard: use((ended) => {
      const ids = [...state.openIds(), ...(ended > 0 ? state.endedIds().slice(-ended) : [])];
      const tasks = ids.map((id) => readTask(state, id)).filter((task) => task !== null);
      return { cursor: state.lastEvent(), tasks };
    }),

    nextEvents: (after, max) =>
      state.eventNotifier.pollUntil(() => state.readEvents(after, max), isSomething, waitMs, scope),
    readEvents: use((after, max) => state.readEvents(after, max)),
    readLastCursor: use(() => state.lastEvent()),

    nextReports: (max) =>
      state.reportNotifier.pollUntil(() => state.reports.next(max), isSomething, waitMs, scope),
    takeOverReports: use((idleMs, max) => state.reports.takeOver(idleMs, max)),
    apply: use((received) => applyReport(state, received, Date.now())),

    readRunner: use((host) => state.runner(host)),
    readPresentHosts: use(
      (hosts): ReadonlySet<HostId> => new Set(hosts.filter((host) => state.servedBy(host) !== null)),
    ),
    findRunners: use((action) =>
      [...state.channels()]
        .map((channel) => channel.runner())
        .filter((runner) => runner !== null)
        .filter(
          ({ presence }) => action === undefined || presence.actions.some(({ name }) => name === action),
        ),
    ),

    readLogTail: use((id, max) => logTail(state.logs.read(id, START_CURSOR), max, START_CURSOR)),
    readLog: use((id, { afterLine, after = START_CURSOR }, max) =>
      logPage(state.logs.read(id, after), { afterLine, after, max }),
    ),
    readLogs: use((from, max) => {
      const pages = new Map<TaskId, LogPage>();
      for (const [id, { afterLine, after }] of from) {
        const entries = state.logs.read(id, after);
        if (entries.length > 0) pages.set(id, logPage(entries, { afterLine, after, max }));
      }
      return pages;
    }),

    readArtefactPart: use((id, index) => state.artefacts.read(id, index)),
    settleArtefacts: use((id) => state.artefacts.forget(id)),

    prune: use(({ maxEnded, maxAgeMs }) => {
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
  if (state.record(task.id) !== undefined) return { type: 'existing', id: task.id };
  const { rollout = null } = task;
  if (rollout !== null && !state.wants(rollout, task.host, task.id)) return { type: 'not_wanted' };
  const queued = state.queuedCount(task.host);
  if (task.offer !== null && queued >= task.maxQueued) return { type: 'queue_full', queued };
  const tooMany = task.offer === null ? tooManyExternal(state, task) : null;
  if (tooMany !== null) return tooMany;
  if (idempotency !== null) {
    state.idempotencyKeys.keep(idempotency.key, { id: task.id, bodyHash: idempotency.bodyHash });
  }
  return { type: 'created', task: jsonCopy(state.add(task)) };
}

function tooManyExternal(state: TaskState, { host, externalLimits }: NewTask): CreateOutcome | null {
  if (externalLimits === undefined) return null;
  const { owner, maxOfHost, maxOfOwner } = externalLimits;
  const external = state
    .openIds()
    .map((id) => state.record(id))
    .filter((record) => record?.task.external === true);
  const ofHost = external.filter((record) => record?.task.host === host).length;
  if (ofHost >= maxOfHost) return { type: 'too_many_external', of: 'host', open: ofHost };
  const ofOwner = external.filter((record) => record?.owner === owner).length;
  return ofOwner < maxOfOwner ? null : { type: 'too_many_external', of: 'owner', open: ofOwner };
}

/** Returns a page, newest first. `next` is the sequence of its last task. */
function list(state: TaskState, { status, host, action, includesHost, limit, after }: TaskQuery): TaskPage {
  const found = state
    .records()
    .toReversed()
    .filter(
      ({ task, sequence }) =>
        (after === undefined || sequence < Number(after)) &&
        (status === undefined || task.status === status) &&
        (host === undefined || task.host === host) &&
        (includesHost?.(task.host) ?? true) &&
        (action === undefined || task.action === action),
    );
  const page = found.slice(0, limit);
  return {
    tasks: page.map(({ task }) => jsonCopy(task)),
    next: found.length > limit ? String(page.at(-1)?.sequence) : null,
  };
}
