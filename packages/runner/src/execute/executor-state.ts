import type { ControlMessage, Outcome, TaskArtefacts, TaskOffer, TaskStep } from '@booner/protocol';
import type { AttemptToken, TaskId } from '@booner/protocol/task-id';
import type { ListedAction } from '../catalogue/action.ts';
import type { Retry } from '../catalogue/retry.ts';
import type { EndedEntry, JournalEntry, StartedEntry } from '../journal/journal-entry.ts';

/** A journal entry before its time is known: the machine has no clock. */
type Untimed<Entry> = Entry extends unknown ? Omit<Entry, 'atMs'> : never;
export type JournalRecord = Untimed<JournalEntry>;
export type StartedRecord = Untimed<StartedEntry>;
export type EndedRecord = Untimed<EndedEntry>;

type Attempted = {
  readonly attempt: AttemptToken;
  /** The newest offer since the grant. Used only when the hubs gave the attempt up. */
  readonly offeredAgain: TaskOffer | null;
};

type Active = Attempted & {
  /** The hubs do not wait for the end of the attempt. */
  readonly isGivenUp: boolean;
};

type Placed = {
  /** `null`: the host does not offer the action. */
  readonly action: ListedAction | null;
  /** Key of the slot that the task holds; `null`: it needs none. */
  readonly slot: string | null;
};

type WaitingEntry = { readonly phase: 'waiting'; readonly offer: TaskOffer };

export type ClaimingEntry = Placed & {
  readonly phase: 'claiming';
  readonly offer: TaskOffer;
  /** End of the task that the journal held when it was claimed: it does not run again. */
  readonly knownEnd: EndedRecord | null;
};

type Granted = Active &
  Placed & {
    readonly offer: TaskOffer;
    /** Number of the last start of the task. */
    readonly number: number;
    /** Outcome of an end that was requested. */
    readonly requested: Outcome | null;
  };

/** Granted. The `started` line of a start is being written, and nothing is spawned yet. */
type StartingEntry = Granted & {
  readonly phase: 'starting';
  /** Lines in the log so far. */
  readonly logLines: number;
};

type RunningEntry = Granted & { readonly phase: 'running' };

/** A start has failed, and the next one follows. The task keeps its slot. */
export type DelayingEntry = Granted & {
  readonly phase: 'delaying';
  readonly steps: TaskStep[] | undefined;
  readonly artefacts: TaskArtefacts | undefined;
};

export type GrantedEntry = StartingEntry | RunningEntry | DelayingEntry;

/** Nothing of the attempt runs any more. Its end is being written, and the rest of its log sent. */
type RecordingEntry = Active & { readonly phase: 'recording'; readonly end: EndedRecord };

/** The end is reported until the hubs confirm it. */
type EndedTaskEntry = Attempted & { readonly phase: 'ended'; readonly end: EndedRecord };

/** A task that this host knows of, from the offer until the hubs know the end. */
export type TaskEntry =
  | WaitingEntry
  | ClaimingEntry
  | StartingEntry
  | RunningEntry
  | DelayingEntry
  | RecordingEntry
  | EndedTaskEntry;

export type ExecutorState = {
  /** `created`: nothing is claimed or reported yet; `stopping`: nothing more is claimed. */
  readonly phase: 'created' | 'open' | 'stopping';
  /** `false` while another runner serves the host. */
  readonly isServing: boolean;
  readonly actions: ReadonlyMap<string, ListedAction>;
  /** In the order of their offers. */
  readonly tasks: ReadonlyMap<TaskId, TaskEntry>;
};

export type Input =
  /** The bus can be used. */
  | { readonly type: 'start' }
  | { readonly type: 'offer'; readonly offer: TaskOffer }
  | ControlMessage
  | { readonly type: 'serving'; readonly isServing: boolean }
  /** The bus is connected again: reports and logs may have been lost. */
  | { readonly type: 'connected' }
  | { readonly type: 'catalogue'; readonly actions: ReadonlyMap<string, ListedAction> }
  /** Answers `write_started`. `failure`: why the line is not on the disk. */
  | {
      readonly type: 'started_written';
      readonly task: TaskId;
      readonly attempt: AttemptToken;
      readonly failure: string | null;
    }
  /**
   * Answers `start_attempt`: nothing of the start runs any more. `logLines` counts earlier starts
   * too.
   */
  | {
      readonly type: 'attempt_ended';
      readonly task: TaskId;
      readonly attempt: AttemptToken;
      readonly outcome: Outcome;
      readonly logLines: number;
      readonly steps?: TaskStep[] | undefined;
      readonly artefacts?: TaskArtefacts | undefined;
    }
  /** Answers `delay`: it is over, or an end was requested. */
  | {
      readonly type: 'delay_over';
      readonly task: TaskId;
      readonly attempt: AttemptToken;
      readonly logLines: number;
    }
  /** Answers `record_end`. */
  | { readonly type: 'end_recorded'; readonly task: TaskId; readonly attempt: AttemptToken }
  /** The runner stops. */
  | { readonly type: 'shutdown' };

/** Facts about repeated starts that hubs need. */
export type ClaimTerms = {
  /** True if the hubs may have the task started again. */
  readonly idempotent: boolean;
  /** Number of starts that the action allows; `null`: it does not say. */
  readonly attempts: number | null;
  /** Starts that the journal remembers. */
  readonly starts: number;
};

/** Effects for the driver to perform, in this order. */
export type Command =
  /** Claims a task, again until `drop_claim`. */
  | ({ readonly type: 'claim'; readonly task: TaskId } & ClaimTerms)
  | { readonly type: 'drop_claim'; readonly task: TaskId }
  /** Opens the log of a granted attempt. */
  | {
      readonly type: 'open_attempt';
      readonly offer: TaskOffer;
      readonly attempt: AttemptToken;
      readonly logLines: number;
    }
  /** Writes the line that comes before every process. Answered by `started_written`. */
  | { readonly type: 'write_started'; readonly record: StartedRecord }
  /** Answered by `attempt_ended`. */
  | {
      readonly type: 'start_attempt';
      readonly task: TaskId;
      readonly attempt: AttemptToken;
      readonly action: ListedAction | null;
      readonly number: number;
    }
  /** Waits before the next start. Answered by `delay_over`. */
  | {
      readonly type: 'delay';
      readonly task: TaskId;
      readonly attempt: AttemptToken;
      readonly retry: Retry;
      /** Number of the start that failed. */
      readonly number: number;
      readonly error: string;
    }
  /** Leaves an attempt to the next start of the runner. Not answered. */
  | { readonly type: 'leave_attempt'; readonly attempt: AttemptToken }
  /**
   * Ends the processes of an attempt, or its delay. `remark` goes to its log; `graceMs` from TERM
   * to KILL.
   */
  | {
      readonly type: 'end_attempt';
      readonly attempt: AttemptToken;
      readonly outcome: Outcome;
      readonly remark: string;
      readonly graceMs: number;
    }
  /** Writes the end of an attempt and sends the rest of its log. Answered by `end_recorded`. */
  | { readonly type: 'record_end'; readonly record: JournalRecord; readonly outcome: Outcome }
  /** Writes a line that nothing waits for. */
  | { readonly type: 'record'; readonly record: JournalRecord }
  /** Reports an end, again until `stop_reporting`. */
  | { readonly type: 'report_end'; readonly end: EndedRecord }
  | { readonly type: 'repeat_end'; readonly attempt: AttemptToken }
  | { readonly type: 'stop_reporting'; readonly attempt: AttemptToken }
  /** Ends processes of a task that the hubs say is not to run. */
  | { readonly type: 'end_strays'; readonly task: TaskId }
  /** Too many tasks wait: leaves this one to a later offer. */
  | { readonly type: 'skip_offer'; readonly task: TaskId; readonly waiting: number }
  /** Sends claims, ends, progress and logs again, without waiting for their next turn. */
  | { readonly type: 'send_again' }
  /** Publishes the actions and the running tasks. */
  | { readonly type: 'announce' };

export type ExecutorContext = {
  /** Names this start of the runner. */
  readonly instance: string;
  /** Runs at a time. */
  readonly concurrency: number;
  readonly graceMs: number;
  /** See `RunPolicy`. */
  readonly stopWithinMs: number | null;
  /** The last end of a task that the journal remembers. */
  readonly endOf: (task: TaskId) => EndedRecord | null;
  /** Starts of a task that the journal remembers, and that may start again. */
  readonly startsOf: (task: TaskId) => number;
};

/** A draft of the next state, with the commands so far. */
export type Change = {
  -readonly [Name in Exclude<keyof ExecutorState, 'tasks'>]: ExecutorState[Name];
} & {
  readonly tasks: Map<TaskId, TaskEntry>;
  readonly commands: Command[];
  readonly context: ExecutorContext;
};

export type Step = { readonly state: ExecutorState; readonly commands: readonly Command[] };

/** @param ends those that earlier starts could not settle */
export function initialState(ends: readonly EndedRecord[]): ExecutorState {
  return {
    phase: 'created',
    isServing: true,
    actions: new Map(),
    tasks: new Map(
      ends.map((end) => [end.task, { phase: 'ended', attempt: end.attempt, end, offeredAgain: null }]),
    ),
  };
}

const ACTIVE: ReadonlySet<TaskEntry['phase']> = new Set(['starting', 'running', 'delaying', 'recording']);

/** The tasks from the grant until their end is recorded. */
export const runningTasks = ({ tasks }: Pick<ExecutorState, 'tasks'>): TaskId[] =>
  [...tasks].flatMap(([task, { phase }]) => (ACTIVE.has(phase) ? task : []));
