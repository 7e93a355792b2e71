import type { ControlMessage, Outcome, TaskOffer } from '@booner/protocol';
import type { AttemptToken, TaskId } from '@booner/protocol/task-id';
import type { ListedAction } from '../catalogue/action.ts';
import { advance } from '../execute/executor-machine.ts';
import {
  type ClaimTerms,
  type Command,
  type EndedRecord,
  type ExecutorContext,
  type Input,
  initialState,
  type StartedRecord,
} from '../execute/executor-state.ts';
import type { EndedEntry } from '../journal/journal-entry.ts';
import { rememberAttempts } from '../journal/remembered-attempts.ts';

export const INSTANCE = 'aaaaaaaaaaaa.bbbbbbbbbbbb';
export const COMPLETED: Outcome = { status: 'completed', result: null, error: null };

export type SimulatedProcess = {
  readonly task: TaskId;
  readonly action: ListedAction | null;
  readonly number: number;
  requested: Outcome | null;
};

export type SimulatedDriverOptions = Partial<Omit<ExecutorContext, 'instance' | 'endOf'>> & {
  readonly actions: readonly ListedAction[];
  /** Ends that the journal holds from an earlier start. */
  readonly ends?: readonly EndedEntry[];
};

const byName = (actions: readonly ListedAction[]) => new Map(actions.map((action) => [action.name, action]));

/**
 * Drives the executor's machine without a clock, a bus or processes. The test decides when writes,
 * processes and recordings end. The public collections show what is in progress.
 */
export function startSimulatedDriver({ actions, ends = [], ...options }: SimulatedDriverOptions) {
  let journal = rememberAttempts(ends);
  let starts = 0;
  const context = {
    instance: INSTANCE as string,
    concurrency: 4,
    graceMs: 10_000,
    stopWithinMs: null,
    ...options,
    endOf: (task: TaskId) => journal.endOf(task),
    startsOf: (task: TaskId) => journal.startsOf(task),
  } satisfies ExecutorContext;
  let state = initialState(journal.unsettled());
  let catalogue = actions;
  const claims = new Map<TaskId, ClaimTerms>();
  const writing = new Map<AttemptToken, StartedRecord>();
  const processes = new Map<AttemptToken, SimulatedProcess>();
  const delaying = new Map<
    AttemptToken,
    { readonly task: TaskId; readonly action: ListedAction | null; requested: boolean }
  >();
  const recording = new Map<AttemptToken, Extract<Command, { type: 'record_end' }>>();
  const reporting = new Map<AttemptToken, EndedRecord>();

  /** Action of the process that ended last. */
  let exited: ListedAction | null = null;

  const apply = (command: Command) => {
    switch (command.type) {
      case 'claim':
        claims.set(command.task, command);
        break;
      case 'drop_claim':
        claims.delete(command.task);
        break;
      case 'write_started':
        writing.set(command.record.attempt, command.record);
        break;
      case 'start_attempt': {
        const { task, action, attempt, number } = command;
        processes.set(attempt, { task, action, number, requested: null });
        break;
      }
      case 'delay':
        delaying.set(command.attempt, { task: command.task, action: exited, requested: false });
        break;
      case 'leave_attempt':
        delaying.delete(command.attempt);
        break;
      case 'end_attempt': {
        const process = processes.get(command.attempt);
        if (process !== undefined) process.requested ??= command.outcome;
        const delay = delaying.get(command.attempt);
        if (delay !== undefined) delay.requested = true;
        break;
      }
      case 'record_end':
        recording.set(command.record.attempt, command);
        break;
      case 'record':
        journal.apply({ ...command.record, atMs: 0 });
        break;
      case 'report_end':
        reporting.set(command.end.attempt, command.end);
        break;
      case 'stop_reporting':
        reporting.delete(command.attempt);
        break;
      case 'open_attempt':
      case 'repeat_end':
      case 'end_strays':
      case 'skip_offer':
      case 'send_again':
      case 'announce':
        break;
      default:
        command satisfies never;
    }
  };

  const driver = {
    claims,
    writing,
    processes,
    delaying,
    recording,
    reporting,
    endOf: context.endOf,
    startsOf: context.startsOf,
    /** Starts that the journal holds without an end. */
    interrupted: () => journal.running(),
    get instance() {
      return context.instance;
    },
    get state() {
      return state;
    },
    /** The journal forgets settled ends after a while. */
    forgetEnds: (): void => {
      journal = rememberAttempts();
    },
    /** @returns the commands that an input would cause */
    peek: (input: Input): readonly Command[] => advance(state, input, context).commands,
    /** Sees each command before it is applied. */
    onCommand: (_command: Command): void => {},
    /** @returns the commands */
    input: (input: Input): readonly Command[] => {
      const step = advance(state, input, context);
      state = step.state;
      for (const command of step.commands) {
        driver.onCommand(command);
        apply(command);
      }
      return step.commands;
    },
    offer: (task: TaskId, action: string) => driver.input({ type: 'offer', offer: offerOf(task, action) }),
    grant: (task: TaskId, attempt: AttemptToken) => driver.input(grantOf(task, attempt, context.instance)),
    setActions: (next: readonly ListedAction[]) => {
      catalogue = next;
      return driver.input({ type: 'catalogue', actions: byName(next) });
    },
    /**
     * Kills the runner and starts it again: the journal is all that is left.
     * @param isWritten true if the lines that were being written are on the disk
     */
    crash: (isWritten: boolean) => {
      const records = [...writing.values(), ...[...recording.values()].map(({ record }) => record)];
      if (isWritten) for (const record of records) journal.apply({ ...record, atMs: 0 });
      for (const { task, attempt, instance, idempotent, number } of journal.running()) {
        const outcome = { status: 'failed', result: null, error: 'restarted' } as const;
        const end = { type: 'ended', task, attempt, instance, outcome, logLines: 0, number } as const;
        const settled = { type: 'settled', task, attempt } as const;
        journal.apply({ ...(idempotent ? settled : end), atMs: 0 });
      }
      for (const each of [claims, writing, processes, delaying, recording, reporting]) each.clear();
      starts += 1;
      context.instance = `aaaaaaaaaaaa.start-${String(starts).padStart(6, '0')}`;
      state = initialState(journal.unsettled());
      driver.setActions(catalogue);
      driver.input({ type: 'start' });
    },
    /** Ends the write of a `started` line. */
    written: (attempt: AttemptToken, failure: string | null = null) => {
      const record = writing.get(attempt);
      if (record === undefined) throw new Error(`${attempt} is not being written`);
      writing.delete(attempt);
      if (failure === null) journal.apply({ ...record, atMs: 0 });
      return driver.input({ type: 'started_written', task: record.task, attempt, failure });
    },
    /** Ends the process of an attempt, with the requested outcome if there is one. */
    exit: (attempt: AttemptToken, outcome: Outcome = COMPLETED) => {
      const process = processes.get(attempt);
      if (process === undefined) throw new Error(`${attempt} is not running`);
      processes.delete(attempt);
      const { task, action, requested } = process;
      exited = action;
      return driver.input({
        type: 'attempt_ended',
        task,
        attempt,
        outcome: requested ?? outcome,
        logLines: 0,
      });
    },
    /** Ends the wait before the next start. */
    delayOver: (attempt: AttemptToken) => {
      const delay = delaying.get(attempt);
      if (delay === undefined) throw new Error(`${attempt} is not waiting`);
      delaying.delete(attempt);
      return driver.input({ type: 'delay_over', task: delay.task, attempt, logLines: 0 });
    },
    recorded: (attempt: AttemptToken) => {
      const command = recording.get(attempt);
      if (command === undefined) throw new Error(`the end of ${attempt} is not being recorded`);
      recording.delete(attempt);
      journal.apply({ ...command.record, atMs: 0 });
      return driver.input({ type: 'end_recorded', task: command.record.task, attempt });
    },
  };
  driver.setActions(actions);
  return driver;
}

export type SimulatedDriver = ReturnType<typeof startSimulatedDriver>;

const offerOf = (task: TaskId, action: string): TaskOffer => ({
  task,
  action,
  params: {},
  sealedParams: null,
});

export const grantOf = (
  task: TaskId,
  attempt: AttemptToken,
  instance = INSTANCE,
  number?: number,
): ControlMessage => ({
  type: 'grant',
  task,
  instance,
  attempt,
  logLines: 0,
  ...(number !== undefined && { number }),
});
