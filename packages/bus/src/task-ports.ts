import type {
  ControlMessage,
  Cursor,
  HostId,
  JsonObject,
  LogEntry,
  LogLine,
  Report,
  RunnerPresence,
  Task,
  TaskEvent,
  TaskId,
  TaskOffer,
  TaskStatus,
} from '@booner/protocol';
import type { BusConnection, BusSide } from './ports.ts';

/** A task to be made. */
export type NewTask = {
  readonly id: TaskId;
  readonly host: HostId;
  readonly action: string;
  /** As it is kept and shown: secret values are `[redacted]`. */
  readonly params: JsonObject;
  /** What the runner is offered: the parameters that are not secret, and the others sealed. `null`: an external task, offered to nobody. */
  readonly offer: Pick<TaskOffer, 'params' | 'sealedParams'> | null;
  /** A caller's key for this creation, and a hash of what it asked for. */
  readonly idempotency: { readonly key: string; readonly bodyHash: string } | null;
  /** Bound on the queued tasks of the host; external ones do not count. */
  readonly maxQueued: number;
};

export type CreateOutcome =
  | { readonly type: 'created'; readonly task: Task }
  /** The key made this task before, from the same body. */
  | { readonly type: 'existing'; readonly id: TaskId }
  /** The key made a task from another body. */
  | { readonly type: 'key_reused'; readonly id: TaskId }
  | { readonly type: 'queue_full'; readonly queued: number };

export type CancelOutcome =
  /** It never started, and never will. Also the answer for a task that was cancelled before. */
  | { readonly type: 'cancelled' }
  /** It runs; it is `cancelled` once its processes are gone. Also the answer when that was asked before. */
  | { readonly type: 'cancelling' }
  | { readonly type: 'ended'; readonly status: TaskStatus }
  | { readonly type: 'unknown' };

export type LostOutcome =
  /** It has `failed`. */
  | 'ended'
  /** It is queued again, for the next start of the same runner: its action is idempotent. */
  | 'requeued'
  /** It does not run that attempt, or its host has a runner. */
  | 'unchanged';

/** What another program says of an external task. A field that is absent stays. */
export type ExternalChange = {
  readonly status?: TaskStatus;
  readonly progressPercent?: number | null;
  readonly message?: string | null;
  readonly result?: JsonObject | null;
  readonly error?: string | null;
};

export type ChangeOutcome =
  | { readonly type: 'changed'; readonly task: Task }
  /** Driven by a runner. */
  | { readonly type: 'not_external' }
  /** The states do not allow it; nothing was changed. A repetition of the state that there is counts as allowed unless the task has ended. */
  | { readonly type: 'forbidden'; readonly status: TaskStatus }
  | { readonly type: 'unknown' };

/** Newest first. Filters that are absent let all pass. */
export type TaskQuery = {
  readonly status?: TaskStatus;
  readonly host?: HostId;
  readonly action?: string;
  /** 1 to 500. */
  readonly limit: number;
  /** `next` of the page before. */
  readonly after?: string;
};

export type TaskPage = { readonly tasks: readonly Task[]; readonly next: string | null };

/** A report as the stream holds it. `report` is `null` when it cannot be read; `detail` then says why. */
export type ReceivedReport = {
  readonly cursor: Cursor;
  readonly report: Report | null;
  readonly detail: string | null;
};

export type ReportOutcome =
  /** It changed the task, or was a `hello` that was welcome. */
  | { readonly type: 'applied' }
  /** It was applied before, and is answered again. */
  | { readonly type: 'repeated' }
  /** It changes nothing, and was recorded among the late reports. */
  | { readonly type: 'late'; readonly reason: string };

/** A host's runner as the bus knows it. */
export type Runner = {
  readonly host: HostId;
  readonly presence: RunnerPresence;
  /** Another runner claims this host id and was turned away. */
  readonly conflict: boolean;
};

/** A part of a task's log. */
export type LogPage = {
  readonly lines: readonly LogLine[];
  /** Lines that were dropped before the first of `lines` and after `afterLine`. */
  readonly droppedLines: number;
  /** Position of the last entry read; where to go on. */
  readonly cursor: Cursor;
};

/** Ended tasks over either bound are forgotten, with their logs. */
export type Retention = { readonly maxEnded: number; readonly maxAgeMs: number };

/**
 * A hub's side of the bus, for tasks. Any number of hubs share one bus; each change of a task is one step with respect to all of
 * them, together with its event and with what the runner is told. Every method rejects with `BusError` when the bus cannot be reached
 * or refuses; nothing is queued, and then nothing or everything of the step was done.
 */
export type TaskBus = BusSide & {
  create(task: NewTask): Promise<CreateOutcome>;
  cancel(id: TaskId): Promise<CancelOutcome>;
  /** Changes an external task. */
  change(id: TaskId, change: ExternalChange): Promise<ChangeOutcome>;
  /**
   * Ends a task `failed` because its runner is gone: only if it still runs that attempt (the number) and the runner's presence is absent at
   * that instant. A task that was claimed as idempotent is queued again instead, unless somebody asked to cancel it or it has had its
   * {@link MAX_ATTEMPTS}; its error then tells the number of attempts.
   */
  endLost(id: TaskId, attempt: number, error: string): Promise<LostOutcome>;
  /** Tells the runner again to cancel, when cancelling was asked for `afterMs` ago or longer and the task still runs; at most once in `afterMs` over all hubs. */
  repeatCancel(id: TaskId, afterMs: number): Promise<boolean>;

  read(id: TaskId): Promise<Task | null>;
  /** The task that an idempotency key created; `null` once the key has expired, a day after that. */
  findByKey(key: string): Promise<TaskId | null>;
  list(query: TaskQuery): Promise<TaskPage>;
  /** Every task that has not ended and the `ended` that ended last, at least as new as `cursor`: events after it may be contained already. */
  readBoard(ended: number): Promise<{ readonly cursor: Cursor; readonly tasks: readonly Task[] }>;

  /**
   * The events after a position, oldest first, at most `max`; waits up to 5 s for the first one, and then answers none.
   * `trimmed`: the position is not in the stream any more, or never was; what came after it is not known.
   */
  nextEvents(after: Cursor, max: number): Promise<readonly TaskEvent[] | 'trimmed'>;
  /** The same without waiting. */
  readEvents(after: Cursor, max: number): Promise<readonly TaskEvent[] | 'trimmed'>;
  /** Position of the newest event, whether or not it is still kept; the start of the stream when there was none. */
  readLastCursor(): Promise<Cursor>;

  /** Reports that no hub has read, for this hub to apply; waits up to 5 s for the first one. After a reconnection, first those that this hub read and did not apply. */
  nextReports(max: number): Promise<readonly ReceivedReport[]>;
  /** Reports that some hub read `idleMs` ago or longer and did not apply; they are this hub's now. */
  takeOverReports(idleMs: number, max: number): Promise<readonly ReceivedReport[]>;
  /** Does what a report says, answers the runner, and takes the report off the stream, in one step. */
  apply(received: ReceivedReport): Promise<ReportOutcome>;

  readRunner(host: HostId): Promise<Runner | null>;
  /** Of some hosts those that have a runner. */
  readPresentHosts(hosts: readonly HostId[]): Promise<ReadonlySet<HostId>>;
  /** Every runner that offers an action, or all of them. Reads the keys of all runners: not for every request. */
  findRunners(action?: string): Promise<readonly Runner[]>;

  /** The last lines of a log, at most `max`. */
  readLogTail(id: TaskId, max: number): Promise<LogPage>;
  /** Lines after a number, oldest first, about `max` (whole entries); `after` is the cursor of an earlier page, if there is one. */
  readLog(
    id: TaskId,
    from: { readonly afterLine: number; readonly after?: Cursor },
    max: number,
  ): Promise<LogPage>;
  /** What came in several logs after a position each: one round trip for all. Logs without news are absent. */
  readLogs(
    from: ReadonlyMap<TaskId, { readonly afterLine: number; readonly after: Cursor }>,
    max: number,
  ): Promise<ReadonlyMap<TaskId, LogPage>>;

  /** @returns how many tasks were forgotten; at most some hundreds a call */
  prune(retention: Retention): Promise<number>;
};

/** Receives what a runner is told. MUST NOT throw. */
export type RunnerListener = {
  /**
   * A task offered to this host: at each connection first all that were offered before and have not ended, then new ones.
   * The same task may be offered any number of times.
   */
  onOffer(offer: TaskOffer): void;
  onControl(message: ControlMessage): void;
  /**
   * Whether this runner serves its host: `false` when another runner does, whose presence is in the place of this one's. Offers stop
   * then, until that one is gone.
   */
  onServing(serving: boolean): void;
  onConnection(connection: BusConnection): void;
};

/** `unsent`: the bus could not be reached, refused, or did not answer in time; it may have arrived all the same. */
export type SendOutcome = 'sent' | 'unsent';

/** A runner's side of the bus. Reads the two streams of one host, writes its presence, reports and logs, nothing else. */
export type RunnerBus = BusSide & {
  /** Says what the runner offers and runs: now, every 5 s, and whenever the bus comes back. */
  present(presence: Omit<RunnerPresence, 'instance'>): void;
  /** MUST NOT queue while disconnected; ends within 5 s. */
  report(report: Report): Promise<SendOutcome>;
  /** Appends output to a task's log, in order, and keeps the log for {@link LOG_TTL_MS} from now. */
  appendLog(task: TaskId, entries: readonly LogEntry[]): Promise<SendOutcome>;
  /** Takes the presence away, if the bus can be reached and it is this runner's; ends within 1 s. */
  leave(): Promise<void>;
};
