import {
  type Cursor,
  type HostId,
  type Report,
  START_CURSOR,
  type Task,
  type TaskEvent,
  type TaskId,
} from '@booner/protocol';
import { MAX_EVENTS, MAX_LATE_REPORTS } from '../limits.ts';
import { createNotifier } from '../notifier.ts';
import type { NewTask, Runner } from '../task-ports.ts';
import { createArtefactParts } from './artefact-parts.ts';
import { endedChange } from './ended-change.ts';
import { createEntryStream } from './entry-stream.ts';
import { createHostChannel, type HostChannel } from './host-channel.ts';
import { createIdempotencyKeys } from './idempotency-keys.ts';
import { jsonCopy } from './json-copy.ts';
import { createReportQueue } from './report-queue.ts';
import type { RolloutState } from './rollout-state.ts';
import { createTaskLogs } from './task-logs.ts';
import { newTaskRecord, type Step, type TaskRecord } from './task-record.ts';

/** A report without effect. */
export type LateReport = { readonly reason: string; readonly report: Report | null };

export type TaskState = ReturnType<typeof createTaskState>;

/**
 * State of tasks that hubs and runners of one process share. Each call is one step.
 * @param rollouts decide whether a task of theirs may be created
 */
export function createTaskState({ wants }: Pick<RolloutState, 'wants'>) {
  const records = new Map<TaskId, TaskRecord>();
  /** In the order of creation. */
  const open = new Set<TaskId>();
  /** In the order of their ends. */
  const ended = new Set<TaskId>();
  const queued = new Map<HostId, Set<TaskId>>();
  const channels = new Map<HostId, HostChannel>();
  const events = createEntryStream<string>(MAX_EVENTS);
  const late = createEntryStream<string>(MAX_LATE_REPORTS);
  const eventNotifier = createNotifier();
  const reports = createReportQueue();
  const reportNotifier = createNotifier();
  const logs = createTaskLogs();
  const artefacts = createArtefactParts();
  let sequence = 0;

  const channelOf = (host: HostId): HostChannel => {
    const channel = channels.get(host) ?? createHostChannel(host);
    channels.set(host, channel);
    return channel;
  };
  const queuedOf = (host: HostId): Set<TaskId> => {
    const ids = queued.get(host) ?? new Set();
    queued.set(host, ids);
    return ids;
  };
  const announce = (event: Omit<TaskEvent, 'type' | 'cursor'>) => {
    events.append(JSON.stringify(event));
    eventNotifier.notify();
  };
  const leaveQueue = ({ id, host }: Task) => {
    const ids = queued.get(host);
    ids?.delete(id);
    if (ids?.size === 0) queued.delete(host);
  };

  return {
    wants,
    logs,
    artefacts,
    idempotencyKeys: createIdempotencyKeys(),
    reports,
    reportNotifier,
    /** @returns `false` if the queue of the runner's host is full */
    report: (host: HostId, report: Report): boolean => {
      const kept = reports.append(host, report);
      reportNotifier.notify();
      return kept;
    },
    eventNotifier,
    channelOf,
    channels: (): Iterable<HostChannel> => channels.values(),
    /** Returns the instance of the runner that serves a host. */
    servedBy: (host: HostId): string | null => channels.get(host)?.instance() ?? null,
    runner: (host: HostId): Runner | null => channels.get(host)?.runner() ?? null,
    queuedCount: (host: HostId): number => queued.get(host)?.size ?? 0,
    record: (id: TaskId): TaskRecord | undefined => records.get(id),
    /** In the order of creation. */
    records: (): readonly TaskRecord[] => [...records.values()],
    openIds: (): readonly TaskId[] => [...open],
    /** In the order of their ends. */
    endedIds: (): readonly TaskId[] => [...ended],

    add: (task: NewTask): Task => {
      const record = newTaskRecord(task, { sequence: ++sequence, nowMs: Date.now() });
      const { id, host } = task;
      records.set(id, record);
      open.add(id);
      if (task.offer !== null) {
        queuedOf(host).add(id);
        const { action, check, traceparent } = task;
        channelOf(host).offer({
          ...{ task: id, action, ...task.offer },
          ...(check && { check }),
          ...(traceparent && { traceparent }),
        });
      }
      announce({ kind: 'created', task: record.task });
      return record.task;
    },

    /**
     * @param recipient host whose runner gets the message: the task's, unless another host reported
     */
    commit: (
      record: TaskRecord,
      { event, inner, control }: Step,
      recipient: HostId = record.task.host,
    ): Task => {
      const { id, host, version } = record.task;
      let { task } = record;
      if (event !== undefined) {
        const change = event.kind === 'ended' ? endedChange(task, event.change) : event.change;
        task = jsonCopy({ ...task, ...change, version: version + 1 });
        const { status } = task;
        if (status !== 'queued') leaveQueue(task);
        else if (!task.external) queuedOf(host).add(id);
        if (event.kind === 'ended') {
          open.delete(id);
          ended.add(id);
          channels.get(host)?.withdraw(id);
        }
        announce({ kind: event.kind, task: { ...change, id, version: task.version, host, status } });
      }
      records.set(id, { ...record, ...inner, task });
      if (control !== undefined) channelOf(recipient).send(control);
      return task;
    },

    forget: (id: TaskId) => {
      records.delete(id);
      ended.delete(id);
      logs.forget(id);
      artefacts.forget(id);
    },

    recordLate: (reason: string, report: Report | null) => {
      late.append(JSON.stringify({ reason, report } satisfies LateReport));
    },
    lateReports: (): readonly LateReport[] =>
      late.after(START_CURSOR).map(({ value }) => JSON.parse(value) as LateReport),

    lastEvent: (): Cursor => events.last(),
    readEvents: (after: Cursor, max: number): readonly TaskEvent[] | 'trimmed' =>
      events.reachesBackTo(after)
        ? events
            .after(after, max)
            .map(({ cursor, value }) => ({ type: 'event', cursor, ...JSON.parse(value) }))
        : 'trimmed',
  };
}
