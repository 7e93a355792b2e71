import type { BusConnection } from '@booner/bus';
import type { ControlMessage, Outcome, TaskOffer } from '@booner/protocol';
import type { AttemptToken, TaskId } from '@booner/protocol/task-id';
import type { Logger } from '@booner/service';
import type { Action, Catalogue } from '../catalogue/action.ts';
import type { EndedEntry, JournalEntry } from '../journal/journal-entry.ts';
import { failed } from '../process/outcome-of-exit.ts';
import type { LogWriter } from '../report/log-writer.ts';
import { startRepeating } from '../report/repeat.ts';
import { endWhatIsLeft } from './end-what-is-left.ts';
import { REPEAT_EVERY_MS, startReportingEnd } from './report-end.ts';
import type { RunDirectories } from './run-directories.ts';
import { createSchedule, type Slot } from './schedule.ts';
import { type AttemptDeps, startAttempt } from './start-attempt.ts';
import type { ClaimingEntry, Entry, RunningEntry } from './task-entry.ts';

/** Hubs let no more than 25 tasks of a host wait. One that is dropped here is offered again at the next connection. */
const MAX_WAITING = 1000;
/** What is left of a log then is sent beside the end of the task. */
const LOG_DEADLINE_MS = 2000;
/** After the hubs know the end, for a log that is slower. */
const LATE_LOG_DEADLINE_MS = 10_000;
/** Ends that are not settled by then are in the journal, and reported by the next start. */
const SETTLE_DEADLINE_MS = 3000;

const CANCELLED: Outcome = { status: 'cancelled', result: null, error: 'cancelled' };
const STOPPED = failed('the runner was stopped');
const GIVEN_UP = failed('the hubs had given the attempt up');

export type ExecutorOptions = Omit<AttemptDeps, 'directories' | 'logger'> & {
  readonly directories: RunDirectories;
  readonly concurrency: number;
  /** The actions now. */
  readonly catalogue: () => Catalogue;
  /** The set of running tasks has changed. */
  readonly onRunning: () => void;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
};

export type Executor = {
  onOffer(offer: TaskOffer): void;
  onControl(message: ControlMessage): void;
  onServing(serving: boolean): void;
  onConnection(connection: BusConnection): void;
  /** The actions have changed. */
  onCatalogue(): void;
  running(): readonly TaskId[];
  /**
   * Takes no more tasks, ends the runs of actions that say so and waits for the others, and reports the ends. Returns at most 3 s after the
   * last run has ended.
   */
  stop(): Promise<void>;
};

/** Runs the tasks that a host is offered. Ends that earlier starts of the runner could not settle are reported from now on. */
export function startExecutor(options: ExecutorOptions): Executor {
  const { host, instance, bus, journal, concurrency, catalogue, onRunning, logger } = options;
  const { graceMs, stopWithinMs } = options.policy;
  const entries = new Map<TaskId, Entry>();
  const finishing = new Set<Promise<void>>();
  /** Of settled tasks, still being sent. */
  const lateLogs = new Set<LogWriter>();
  const allSettled = Promise.withResolvers<void>();
  let serving = true;
  let stopping = false;

  const schedule = createSchedule({
    concurrency,
    slotOf: (task) => {
      const entry = entries.get(task);
      return entry?.state === 'waiting' ? slotFor(entry.offer) : null;
    },
  });
  const slotFor = ({ task, action: name }: TaskOffer): Slot | null => {
    const action = catalogue().actions.get(name);
    // What will not be spawned takes no place: a task whose end is known already, or one that has to be refused.
    if (action === undefined || journal.attempts.endOf(task) !== null) return null;
    const { lock } = action;
    return lock === null
      ? { key: `action ${name}`, limit: action.concurrency }
      : { key: `lock ${lock}`, limit: 1 };
  };
  const claimReady = () => {
    if (!serving || stopping) return;
    for (const task of schedule.takeReady()) {
      const entry = entries.get(task);
      if (entry?.state !== 'waiting') continue;
      const { offer } = entry;
      const action = catalogue().actions.get(offer.action) ?? null;
      const idempotent = action?.idempotent ?? false;
      const claim = startRepeating(
        async () => (serving ? bus.report({ type: 'claim', host, instance, task, idempotent }) : 'unsent'),
        { everyMs: REPEAT_EVERY_MS },
      );
      entries.set(task, { state: 'claiming', offer, action, claim });
    }
  };
  const forget = (task: TaskId) => {
    entries.delete(task);
    schedule.release(task);
    claimReady();
    if (stopping && entries.size === 0) allSettled.resolve();
  };
  /** A lost line makes the next start report an end again, or a wrong one: both are void for the hubs. */
  const note = async (entry: JournalEntry) => {
    try {
      await journal.append(entry);
    } catch (error) {
      logger.error({ task: entry.task, line: entry.type, err: error }, 'the journal cannot be written');
    }
  };
  const reportEnd = (ended: EndedEntry, log: LogWriter | null, offeredAgain: TaskOffer | null = null) => {
    const { task, attempt: token } = ended;
    const report = startReportingEnd(bus, host, ended);
    entries.set(task, { state: 'ended', token, report, log, offeredAgain });
  };
  /** @returns the offer that came since the attempt started; `null`: none, or no such attempt has ended */
  const settle = (task: TaskId, attempt: AttemptToken): TaskOffer | null => {
    const entry = entries.get(task);
    if (entry?.state !== 'ended' || entry.token !== attempt) return null;
    entry.report.stop();
    if (entry.log !== null) void sendLate(entry.log);
    forget(task);
    void note({ type: 'settled', task, attempt, atMs: Date.now() });
    return entry.offeredAgain;
  };
  /** The attempt is over for the hubs, and the task may not be: then it was offered again. */
  const abandon = (task: TaskId, attempt: AttemptToken) => {
    const offer = settle(task, attempt);
    if (offer !== null) onOffer(offer);
  };
  const sendLate = async (log: LogWriter) => {
    lateLogs.add(log);
    await log.flush(LATE_LOG_DEADLINE_MS);
    log.stop();
    lateLogs.delete(log);
  };

  const run = (
    offer: TaskOffer,
    action: Action | null,
    { attempt: token, logLines }: Extract<ControlMessage, { type: 'grant' }>,
  ) => {
    const { task } = offer;
    const startedMs = performance.now();
    const attempt = startAttempt(options, { offer, action, token, logLines });
    const entry: RunningEntry = { state: 'running', attempt, action, givenUp: false, offeredAgain: null };
    entries.set(task, entry);
    logger.info({ task, action: offer.action }, 'task started');
    onRunning();
    const finished = finish(task, entry).then((outcome) => {
      finishing.delete(finished);
      const tookMs = Math.round(performance.now() - startedMs);
      logger.info(
        { task, action: offer.action, status: outcome.status, error: outcome.error ?? undefined, tookMs },
        'task ended',
      );
    });
    finishing.add(finished);
  };
  const finish = async (task: TaskId, entry: RunningEntry): Promise<Outcome> => {
    const { attempt } = entry;
    const outcome = await attempt.ended;
    schedule.release(task);
    claimReady();
    const about = { task, attempt: attempt.token };
    const ended: EndedEntry = {
      type: 'ended',
      ...about,
      instance,
      outcome,
      logLines: attempt.log.lines(),
      atMs: Date.now(),
    };
    // An end that is remembered is that of the task: one that may be started again has none yet.
    const mayStartAgain = entry.givenUp && entry.action?.idempotent === true;
    await note(mayStartAgain ? { type: 'settled', ...about, atMs: Date.now() } : ended);
    await attempt.log.flush(LOG_DEADLINE_MS);
    reportEnd(ended, attempt.log, entry.offeredAgain);
    onRunning();
    if (entry.givenUp) abandon(task, attempt.token);
    return outcome;
  };

  const onOffer = (offer: TaskOffer) => {
    const { task } = offer;
    const known = entries.get(task);
    if (known?.state === 'running' || known?.state === 'ended') known.offeredAgain = offer;
    if (stopping || known !== undefined) return;
    if (schedule.waiting() >= MAX_WAITING) {
      logger.warn({ task, waiting: MAX_WAITING }, 'too many tasks wait: this one is left to a later offer');
      return;
    }
    entries.set(task, { state: 'waiting', offer });
    schedule.add(task);
    claimReady();
  };
  const onGrant = (grant: Extract<ControlMessage, { type: 'grant' }>) => {
    const { task, instance: owner, attempt: token } = grant;
    const entry = entries.get(task);
    if (owner !== instance || entry === undefined) return;
    if (entry.state === 'ended' && entry.token === token) entry.report.again();
    if (entry.state !== 'claiming') return;
    entry.claim.stop();
    const known = journal.attempts.endOf(task);
    if (known === null) return run(entry.offer, actionFor(entry), grant);
    // The hubs have forgotten what they knew (a Redis that lost its last writes): it does not run a second time.
    schedule.release(task);
    const ended = { ...known, instance, attempt: token, atMs: Date.now() };
    void note(ended);
    reportEnd(ended, null);
  };
  /** The action as it is now, or as it was claimed where its place has changed since: it runs under the lock that it holds. */
  const actionFor = ({ offer, action }: ClaimingEntry): Action | null => {
    const now = catalogue().actions.get(offer.action) ?? null;
    return now === null || action === null || now.lock === action.lock ? now : action;
  };
  /** What is denied here may run all the same: it was started before the state of the runner was lost, and nobody else knows of it. */
  const endStrays = async (task: TaskId) => {
    const processes = await endWhatIsLeft(task, { graceMs, logger });
    if (processes !== 0)
      logger.warn({ task, processes }, 'a task that had ended for the hubs was still running');
    options.directories.removeLeft(task);
  };
  const onControl = (message: ControlMessage) => {
    const entry = entries.get(message.task);
    switch (message.type) {
      case 'grant':
        return onGrant(message);
      case 'deny':
        if (entry?.state === 'claiming') {
          entry.claim.stop();
          if (message.reason !== 'cancelled') void endStrays(message.task);
        }
        if (entry?.state === 'claiming' || entry?.state === 'waiting') forget(message.task);
        return;
      case 'cancel':
        if (entry?.state === 'running' && entry.attempt.token === message.attempt)
          entry.attempt.end(CANCELLED, 'cancelling: its processes are being ended', graceMs);
        return;
      case 'stop':
        if (entry?.state === 'running' && entry.attempt.token === message.attempt) {
          entry.givenUp = true;
          entry.attempt.end(
            GIVEN_UP,
            'the hubs have given this attempt up: its processes are being ended',
            graceMs,
          );
        }
        return abandon(message.task, message.attempt);
      case 'settled':
        settle(message.task, message.attempt);
        return;
      default:
        return message satisfies never;
    }
  };
  const sayAgain = () => {
    for (const entry of entries.values()) {
      if (entry.state === 'claiming') entry.claim.again();
      if (entry.state === 'running') entry.attempt.onConnected();
      if (entry.state === 'ended') {
        entry.log?.wake();
        entry.report.again();
      }
    }
    for (const log of lateLogs) log.wake();
  };
  const stop = async () => {
    stopping = true;
    for (const [task, entry] of entries) {
      if (entry.state === 'claiming') entry.claim.stop();
      if (entry.state === 'claiming' || entry.state === 'waiting') forget(task);
      if (entry.state === 'running' && (stopWithinMs !== null || entry.action?.onStop === 'fail'))
        entry.attempt.end(
          STOPPED,
          'the runner stops: its processes are being ended',
          stopWithinMs ?? graceMs,
        );
    }
    await Promise.all(finishing);
    const timer = setTimeout(allSettled.resolve, SETTLE_DEADLINE_MS);
    if (entries.size === 0) allSettled.resolve();
    await allSettled.promise;
    clearTimeout(timer);
    for (const entry of entries.values()) {
      if (entry.state !== 'ended') continue;
      entry.report.stop();
      entry.log?.stop();
    }
    for (const log of lateLogs) log.stop();
  };

  for (const ended of journal.attempts.unsettled()) reportEnd(ended, null);
  return {
    onOffer,
    onControl,
    onServing: (now) => {
      serving = now;
      if (now) sayAgain();
      claimReady();
    },
    onConnection: ({ state }) => {
      if (state === 'connected') sayAgain();
    },
    onCatalogue: claimReady,
    running: () => [...entries].flatMap(([task, { state }]) => (state === 'running' ? task : [])),
    stop,
  };
}
