import type {
  ControlMessage,
  Cursor,
  HostId,
  JsonObject,
  LogEntry,
  LogLine,
  Report,
  RolloutId,
  RunnerPresence,
  Task,
  TaskEvent,
  TaskId,
  TaskOffer,
  TaskStatus,
} from '@booner/protocol';
import type { BusConnection, BusSide } from './ports.ts';

/** Limits on external tasks that have not ended, which only their own programs end. */
export type ExternalLimits = {
  /** Counts tasks together: the credential that creates them. */
  readonly owner: string;
  readonly maxOfHost: number;
  readonly maxOfOwner: number;
};

/** A request to create a task. */
export type NewTask = {
  readonly id: TaskId;
  readonly host: HostId;
  readonly action: string;
  /** Parameters as they are stored and shown: secret values are `[redacted]`. */
  readonly params: JsonObject;
  /**
   * Parameters for the runner: plain ones, and secret ones sealed; and the secrets of the action.
   * `null`: an external task, which is not offered.
   */
  readonly offer: Pick<TaskOffer, 'params' | 'sealedParams' | 'sealedSecrets'> | null;
  /** The caller's key for this request, and a hash of the request. */
  readonly idempotency: { readonly key: string; readonly bodyHash: string } | null;
  /** Limit of the host's queued tasks. External tasks do not count. */
  readonly maxQueued: number;
  /** See `Task`. Absent: `null`. */
  readonly createdBy?: string | null;
  /**
   * Rollout that it is part of. The task is created only while the rollout begins tasks, and its
   * stored host is queued with this id. Absent: `null`.
   */
  readonly rollout?: RolloutId | null;
  /** Trace context for its processes. Absent: `null`. */
  readonly traceparent?: string | null;
  /** A dry run of an action that offers one. Absent: false. */
  readonly check?: boolean;
  /** For an external task. Absent: none. */
  readonly externalLimits?: ExternalLimits;
};

export type CreateOutcome =
  | { readonly type: 'created'; readonly task: Task }
  /** An earlier request with the same key and body created this task. */
  | { readonly type: 'existing'; readonly id: TaskId }
  /** An earlier request with the same key and another body created this task. */
  | { readonly type: 'key_reused'; readonly id: TaskId }
  | { readonly type: 'queue_full'; readonly queued: number }
  /** Its rollout does not want it now. */
  | { readonly type: 'not_wanted' }
  /** Its host, or its owner, has as many open external tasks as it may have. */
  | { readonly type: 'too_many_external'; readonly of: 'host' | 'owner'; readonly open: number };

export type CancelOutcome =
  /** The task will not start. Also the answer for a task that is already cancelled. */
  | { readonly type: 'cancelled' }
  /**
   * The task runs, and is `cancelled` once its processes are gone. Also the answer to a repetition.
   */
  | { readonly type: 'cancelling' }
  | { readonly type: 'ended'; readonly status: TaskStatus }
  | { readonly type: 'unknown' };

export type LostOutcome =
  /** The task is `failed`. */
  | 'ended'
  /** The task is queued again for the next start of the same runner: its action is idempotent. */
  | 'requeued'
  /** The task does not run that attempt, or its host has a runner. */
  | 'unchanged';

/** Changes of an external task by the program that drives it. Absent fields stay. */
export type ExternalChange = {
  readonly status?: TaskStatus;
  readonly progressPercent?: number | null;
  readonly message?: string | null;
  readonly result?: JsonObject | null;
  readonly error?: string | null;
};

export type ChangeOutcome =
  | { readonly type: 'changed'; readonly task: Task }
  /** The task is driven by a runner. */
  | { readonly type: 'not_external' }
  /**
   * The current status does not allow the change, and nothing was changed. Repeating the current
   * status is allowed unless the task has ended.
   */
  | { readonly type: 'forbidden'; readonly status: TaskStatus }
  | { readonly type: 'unknown' };

/** Tasks, newest first. An absent filter matches all. */
export type TaskQuery = {
  readonly status?: TaskStatus;
  readonly host?: HostId;
  readonly action?: string;
  /** Returns false for hosts whose tasks are left out. */
  readonly includesHost?: (host: HostId) => boolean;
  /** 1 to 500. */
  readonly limit: number;
  /** `next` of the previous page. */
  readonly after?: string;
};

export type TaskPage = { readonly tasks: readonly Task[]; readonly next: string | null };

/**
 * A report in the stream of a host. `report` is `null` if it cannot be parsed or names another
 * host; `detail` then says why.
 */
export type ReceivedReport = {
  /** `null`: of the stream that runners one version older share. */
  readonly host: HostId | null;
  /** Position in the stream of the host. */
  readonly cursor: Cursor;
  readonly report: Report | null;
  readonly detail: string | null;
};

export type ReportOutcome =
  /** The report changed the task, or was a `hello` of the runner that serves the host. */
  | { readonly type: 'applied' }
  /** The report was applied before, and was answered again. */
  | { readonly type: 'repeated' }
  /** The report has no effect, and was recorded among the late reports. */
  | { readonly type: 'late'; readonly reason: string };

/** The runner of a host. */
export type Runner = {
  readonly host: HostId;
  readonly presence: RunnerPresence;
  /** Another runner claims this host id and was rejected. */
  readonly conflict: boolean;
};

/** A part of a task's log. */
export type LogPage = {
  readonly lines: readonly LogLine[];
  /** Number of dropped lines between `afterLine` and the first of `lines`. */
  readonly droppedLines: number;
  /** Position of the last entry read, to continue from. */
  readonly cursor: Cursor;
};

/** Ended tasks over either limit are removed with their logs. */
export type Retention = { readonly maxEnded: number; readonly maxAgeMs: number };

/**
 * A hub's side of the bus, for tasks. Any number of hubs share one bus. Each change of a task is
 * one step with respect to all of them, together with its event and its messages to the runner.
 * Every method rejects with `BusError` if the bus cannot be reached or refuses. Nothing is queued,
 * and then either all of the step was done or nothing.
 */
export type TaskBus = BusSide & {
  create(task: NewTask): Promise<CreateOutcome>;
  cancel(id: TaskId): Promise<CancelOutcome>;
  /** Changes an external task. */
  change(id: TaskId, change: ExternalChange): Promise<ChangeOutcome>;
  /**
   * Ends the external ones of some open tasks `failed` that nobody has changed for `afterMs`.
   * {@link change} counts even if it changes nothing.
   * @returns the tasks that it ended
   */
  endAbandoned(ids: readonly TaskId[], afterMs: number, error: string): Promise<readonly TaskId[]>;
  /**
   * Ends a task `failed` because its runner is gone: only if the task still runs that attempt and
   * the runner's presence is absent at that instant. A task that was claimed as idempotent is
   * queued again instead, unless its cancellation was requested or it has used its
   * attempts; its error then includes the number of attempts.
   * @param attempt number of the attempt
   */
  endLost(id: TaskId, attempt: number, error: string): Promise<LostOutcome>;
  /**
   * Sends a runner the request to cancel again, if the task still runs `afterMs` after the last
   * one. All hubs together do so at most once in `afterMs`.
   * @returns `true` if the request was sent
   */
  repeatCancel(id: TaskId, afterMs: number): Promise<boolean>;

  read(id: TaskId): Promise<Task | null>;
  /**
   * The task that an idempotency key created; `null` once the key has expired, a day after that.
   */
  findByKey(key: string): Promise<TaskId | null>;
  list(query: TaskQuery): Promise<TaskPage>;
  /**
   * Every open task and the `ended` tasks that ended last, at least as new as `cursor`: events
   * after it may be included already.
   */
  readBoard(ended: number): Promise<{ readonly cursor: Cursor; readonly tasks: readonly Task[] }>;

  /**
   * Returns the events after a position, oldest first, at most `max`. Waits up to 5 s for the first
   * one, then returns none. `trimmed`: the position is no longer in the stream or never was, so
   * events after it may be missing.
   */
  nextEvents(after: Cursor, max: number): Promise<readonly TaskEvent[] | 'trimmed'>;
  /** {@link nextEvents} without waiting. */
  readEvents(after: Cursor, max: number): Promise<readonly TaskEvent[] | 'trimmed'>;
  /**
   * Position of the newest event, even if it has been trimmed; the start of the stream if there was
   * none.
   */
  readLastCursor(): Promise<Cursor>;

  /**
   * Reports that no hub has read, for this hub to apply: of each host in order, and of all hosts in
   * turns. Waits up to 5 s for the first one. After a reconnection, the reports that this hub read
   * and did not apply come first. Reports larger than {@link MAX_REPORT_BYTES} are dropped.
   */
  nextReports(max: number): Promise<readonly ReceivedReport[]>;
  /** Takes over reports that some hub read at least `idleMs` ago and did not apply. */
  takeOverReports(idleMs: number, max: number): Promise<readonly ReceivedReport[]>;
  /** Applies a report, answers the runner, and removes the report from the stream, in one step. */
  apply(received: ReceivedReport): Promise<ReportOutcome>;

  readRunner(host: HostId): Promise<Runner | null>;
  /** The subset of `hosts` that has a live runner. */
  readPresentHosts(hosts: readonly HostId[]): Promise<ReadonlySet<HostId>>;
  /**
   * Every runner that offers an action; all runners without one. Reads the keys of all runners, so
   * it is too slow to run for every request.
   */
  findRunners(action?: string): Promise<readonly Runner[]>;

  /** The last lines of a log, at most `max`. */
  readLogTail(id: TaskId, max: number): Promise<LogPage>;
  /**
   * Lines after `afterLine`, oldest first, about `max` of them (whole entries). `after` is the
   * cursor of an earlier page, if there is one.
   */
  readLog(
    id: TaskId,
    from: { readonly afterLine: number; readonly after?: Cursor },
    max: number,
  ): Promise<LogPage>;
  /**
   * New lines of several logs, each after its position, in one round trip. Logs without any are
   * absent.
   */
  readLogs(
    from: ReadonlyMap<TaskId, { readonly afterLine: number; readonly after: Cursor }>,
    max: number,
  ): Promise<ReadonlyMap<TaskId, LogPage>>;

  /**
   * A part of the artefacts of a task, by its index; at most one byte more than {@link
   * ARTEFACT_PART_BYTES}. `null`: it is gone.
   */
  readArtefactPart(id: TaskId, index: number): Promise<Buffer | null>;
  /**
   * This hub needs the artefacts of a task no more. The last of the live hubs removes them.
   * @param parts their number
   */
  settleArtefacts(id: TaskId, parts: number): Promise<void>;

  /** @returns the number of tasks that were removed, at most a few hundred per call */
  prune(retention: Retention): Promise<number>;
};

/** Receives what hubs send to a runner. Its methods MUST NOT throw. */
export type RunnerListener = {
  /**
   * A task is offered to this host. After each connection all earlier offers of tasks that have not
   * ended come first. A task may be offered any number of times.
   */
  onOffer(offer: TaskOffer): void;
  onControl(message: ControlMessage): void;
  /**
   * Called with `false` when another runner serves this host: there are no offers until that one is
   * gone. Called with `true` when this runner serves the host.
   */
  onServing(serving: boolean): void;
  onConnection(connection: BusConnection): void;
};

/**
 * `unsent`: the bus could not be reached, refused, or did not answer in time. The message may have
 * arrived nevertheless.
 */
export type SendOutcome = 'sent' | 'unsent';

/**
 * A runner's side of the bus. It reads the two streams of one host, and writes its presence,
 * reports and logs, nothing else.
 */
export type RunnerBus = BusSide & {
  /** Publishes what the runner offers and runs: now, every 5 s, and after each reconnection. */
  present(presence: Omit<RunnerPresence, 'instance' | 'passwords'>): void;
  /** Sends a report. MUST NOT queue while disconnected; settles within 5 s. */
  report(report: Report): Promise<SendOutcome>;
  /** Appends output to a task's log, and keeps the log for {@link LOG_TTL_MS} from now. */
  appendLog(task: TaskId, entries: readonly LogEntry[]): Promise<SendOutcome>;
  /**
   * Stores a part of the artefacts of a task for {@link ARTEFACT_TTL_MS}, or replaces it. MUST be
   * called for all parts before the end of the task is reported.
   */
  putArtefactPart(task: TaskId, index: number, part: Buffer): Promise<SendOutcome>;
  /** Removes this runner's presence, if the bus can be reached. Settles within 1 s. */
  leave(): Promise<void>;
};
