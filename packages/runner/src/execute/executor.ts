import type { RunnerBus, RunnerListener } from '@booner/bus';
import type { Report, RunnerPresence } from '@booner/protocol';
import type { AttemptToken, TaskId } from '@booner/protocol/task-id';
import type { Logger } from '@booner/service';
import { createPacer } from '@booner/service/pacer';
import type { Journal } from '../journal/journal.ts';
import type { RunPolicy } from '../process/run-policy.ts';
import { type Repetition, startRepeating } from '../report/repeat.ts';
import type { Actions, ListedActions } from '../run/actions.ts';
import { advance } from './executor-machine.ts';
import {
  type Command,
  type EndedRecord,
  type ExecutorContext,
  type Input,
  initialState,
  type JournalRecord,
  runningTasks,
} from './executor-state.ts';
import { offeredActions } from './offered-actions.ts';
import { type Attempt, type AttemptDeps, openAttempt } from './start-attempt.ts';

/** Between reports of a claim or an end that no hub has answered. */
const REPEAT_EVERY_MS = 5000;
/** The end of a task waits this long for its log. The rest is sent afterwards. */
const LOG_DEADLINE_MS = 2000;
/** Time for the rest of a log once the hubs know the end. */
const LATE_LOG_DEADLINE_MS = 10_000;
/** Ends that are not settled by then are in the journal; the next start reports them. */
const SETTLE_DEADLINE_MS = 3000;
const PRESENT_EVERY_MS = 200;

type ExecutorBus = Pick<RunnerBus, 'report' | 'appendLog' | 'putArtefactPart' | 'present'>;

export type ExecutorOptions = Omit<AttemptDeps, 'bus' | 'actions' | 'logger'> & {
  readonly journal: Journal;
  readonly actions: Pick<Actions, 'start' | 'endLeft'>;
  readonly policy: Pick<RunPolicy, 'graceMs' | 'stopWithinMs'>;
  /** Runs at a time. */
  readonly concurrency: number;
  /** The parts of the presence that do not change. */
  readonly presence: Pick<RunnerPresence, 'version' | 'publicKey'>;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
};

export type Executor = {
  /** Receives the messages of the bus. May be called before `start`. */
  readonly listener: RunnerListener;
  /** The actions from now on. There are none before the first call. */
  onActions(actions: ListedActions): void;
  /** Starts to claim tasks, and reports the ends that earlier starts could not settle. */
  start(bus: ExecutorBus): void;
  /**
   * Takes no more tasks, ends the runs of actions that say so, waits for the others, and reports
   * the ends. Returns at most 3 s after the last run has ended.
   */
  stop(): Promise<void>;
};

type Opened = { readonly attempt: Attempt; readonly action: string; readonly sinceMs: number };

/** Performs what `advance` commands: runs the tasks that a host is offered. */
export function createExecutor(options: ExecutorOptions): Executor {
  const { host, instance, journal, actions, concurrency, presence, policy, logger } = options;
  const { graceMs, stopWithinMs } = policy;
  const { endOf, startsOf } = journal.attempts;
  const context: ExecutorContext = { instance, concurrency, graceMs, stopWithinMs, endOf, startsOf };
  const claims = new Map<TaskId, Repetition>();
  /** Attempts until their logs are sent. */
  const opened = new Map<AttemptToken, Opened>();
  /** Logs of attempts that the next start of the runner continues. */
  const leaving: Promise<void>[] = [];
  const ends = new Map<AttemptToken, Repetition>();
  const drained = Promise.withResolvers<void>();
  const settled = Promise.withResolvers<void>();
  let state = initialState(journal.attempts.unsettled());
  let bus: ExecutorBus | null = null;

  const send = async (report: Report) => bus?.report(report) ?? 'unsent';
  const announcing = createPacer(
    async () => bus?.present({ ...presence, running: runningTasks(state), actions: offeredActions(state) }),
    { minGapMs: PRESENT_EVERY_MS },
  );
  const attemptDeps: AttemptDeps = {
    ...options,
    bus: {
      report: send,
      appendLog: async (task, entries) => bus?.appendLog(task, entries) ?? 'unsent',
      putArtefactPart: async (task, index, part) => bus?.putArtefactPart(task, index, part) ?? 'unsent',
    },
  };

  const dispatch = (input: Input): void => {
    const step = advance(state, input, context);
    state = step.state;
    for (const command of step.commands) perform(command);
    if (state.phase !== 'stopping') return;
    if (runningTasks(state).length === 0) drained.resolve();
    if (state.tasks.size === 0) settled.resolve();
  };

  /** @returns why the record is not on the disk; `null`: it is */
  const write = async (record: JournalRecord): Promise<string | null> => {
    try {
      await journal.append({ ...record, atMs: Date.now() });
      return null;
    } catch (error) {
      const { task, type } = record;
      logger.error({ task, line: type, err: error }, 'the journal could not be written');
      return error instanceof Error ? error.message : String(error);
    }
  };

  const writeStarted = async ({ record }: Extract<Command, { type: 'write_started' }>) => {
    const { task, attempt, action, number } = record;
    logger.info({ task, action, attempt: number }, 'task started');
    const failure = await write(record);
    dispatch({ type: 'started_written', task, attempt, failure });
  };

  const open = ({ offer, attempt, logLines }: Extract<Command, { type: 'open_attempt' }>) => {
    const it = openAttempt(attemptDeps, { offer, attempt, logLines });
    opened.set(attempt, { attempt: it, action: offer.action, sinceMs: performance.now() });
  };

  const run = async ({ task, attempt, action, number }: Extract<Command, { type: 'start_attempt' }>) => {
    const it = opened.get(attempt)!.attempt;
    const outcome = await it.start({ action, number });
    const found = { logLines: it.log.lines(), steps: it.steps(), artefacts: it.artefacts() };
    dispatch({ type: 'attempt_ended', task, attempt, outcome, ...found });
  };

  const delay = async ({ task, attempt, ...failed }: Extract<Command, { type: 'delay' }>) => {
    const it = opened.get(attempt)!.attempt;
    await it.delay(failed);
    dispatch({ type: 'delay_over', task, attempt, logLines: it.log.lines() });
  };

  /** A lost line makes the next start report this end again, or a wrong one; hubs ignore both. */
  const recordEnd = async ({ record, outcome }: Extract<Command, { type: 'record_end' }>) => {
    const { task, attempt } = record;
    const { attempt: run, action, sinceMs = 0 } = opened.get(attempt) ?? {};
    await write(record);
    await run?.finish();
    await run?.log.flush(LOG_DEADLINE_MS);
    dispatch({ type: 'end_recorded', task, attempt });
    const { status, error } = outcome;
    const tookMs = Math.round(performance.now() - sinceMs);
    logger.info({ task, action, status, error: error ?? undefined, tookMs }, 'task ended');
  };

  const stopReporting = async (attempt: AttemptToken) => {
    ends.get(attempt)?.stop();
    ends.delete(attempt);
    const ended = opened.get(attempt);
    await ended?.attempt.log.flush(LATE_LOG_DEADLINE_MS);
    ended?.attempt.log.stop();
    // A hub that lost what it knew may have granted the same attempt again meanwhile.
    if (opened.get(attempt) === ended) opened.delete(attempt);
  };

  const endStrays = async (task: TaskId) => {
    const processes = await actions.endLeft(task);
    if (processes !== 0)
      logger.warn({ task, processes }, 'a task that had ended for the hubs was still running');
  };

  const claim = ({ task, idempotent, attempts, starts }: Extract<Command, { type: 'claim' }>) => {
    const terms = { idempotent, ...(attempts !== null && { attempts }), ...(starts > 0 && { starts }) };
    const report = { type: 'claim', host, instance, task, ...terms } as const;
    claims.set(
      task,
      startRepeating(async () => (state.isServing ? send(report) : 'unsent'), { everyMs: REPEAT_EVERY_MS }),
    );
  };
  /** Reports with the instance that the attempt was granted to, which may be an earlier start's. */
  const reportEnd = ({ task, attempt, instance, outcome, logLines, number, ...ended }: EndedRecord) => {
    const { steps, artefacts } = ended;
    const known = { host, instance, task, attempt, outcome, logLines, ...(number && { number }) };
    const found = { ...(steps && { steps }), ...(artefacts && { artefacts }) };
    const report = { type: 'end', ...known, ...found } as const;
    ends.set(
      attempt,
      startRepeating(() => send(report), { everyMs: REPEAT_EVERY_MS }),
    );
  };

  const perform = (command: Command): void => {
    switch (command.type) {
      case 'claim':
        claim(command);
        break;
      case 'drop_claim':
        claims.get(command.task)?.stop();
        claims.delete(command.task);
        break;
      case 'open_attempt':
        open(command);
        break;
      case 'write_started':
        void writeStarted(command);
        break;
      case 'start_attempt':
        void run(command);
        break;
      case 'delay':
        void delay(command);
        break;
      case 'leave_attempt':
        leaving.push(opened.get(command.attempt)!.attempt.leave(LOG_DEADLINE_MS));
        break;
      case 'end_attempt':
        opened.get(command.attempt)?.attempt.end(command);
        break;
      case 'record_end':
        void recordEnd(command);
        break;
      case 'record':
        void write(command.record);
        break;
      case 'report_end':
        reportEnd(command.end);
        break;
      case 'repeat_end':
        ends.get(command.attempt)?.again();
        break;
      case 'stop_reporting':
        void stopReporting(command.attempt);
        break;
      case 'end_strays':
        void endStrays(command.task);
        break;
      case 'skip_offer':
        logger.warn(
          { task: command.task, waiting: command.waiting },
          'too many tasks are waiting: this one is skipped until it is offered again',
        );
        break;
      case 'send_again':
        for (const repetition of [...claims.values(), ...ends.values()]) repetition.again();
        for (const { attempt } of opened.values()) attempt.sendAgain();
        break;
      case 'announce':
        announcing.request();
        break;
      default:
        command satisfies never;
    }
  };

  const onServing = (isServing: boolean) => {
    if (!isServing && state.isServing)
      logger.error({ host }, 'another runner serves this host: waiting for it to stop');
    if (isServing && !state.isServing) logger.info({ host }, 'this runner serves its host again');
    dispatch({ type: 'serving', isServing });
  };

  const stop = async () => {
    dispatch({ type: 'shutdown' });
    await drained.promise;
    const deadline = Promise.withResolvers<void>();
    const timer = setTimeout(deadline.resolve, SETTLE_DEADLINE_MS);
    await Promise.race([Promise.all([settled.promise, ...leaving]), deadline.promise]);
    clearTimeout(timer);
    for (const end of ends.values()) end.stop();
    for (const { attempt } of opened.values()) attempt.log.stop();
    announcing.stop();
  };

  return {
    listener: {
      onOffer: (offer) => dispatch({ type: 'offer', offer }),
      onControl: dispatch,
      onServing,
      onConnection: ({ state: now }) => {
        if (now === 'connected') dispatch({ type: 'connected' });
      },
    },
    onActions: (actions) => dispatch({ type: 'catalogue', actions }),
    start: (startedBus) => {
      bus = startedBus;
      dispatch({ type: 'start' });
    },
    stop,
  };
}
