import type { Outcome } from '@booner/protocol';
import type { AttemptToken, TaskId } from '@booner/protocol/task-id';
import { failed } from '../process/outcome-of-exit.ts';
import { claimReady, retryOf, takeOffer, writeStarted } from './claim-steps.ts';
import type { Change, DelayingEntry, EndedRecord, GrantedEntry, Input, TaskEntry } from './executor-state.ts';

const CANCELLED: Outcome = { status: 'cancelled', result: null, error: 'cancelled' };
const STOPPED = failed('the runner was stopped');
const GIVEN_UP = failed('the hubs gave up on this attempt');

type AttemptEntry = Extract<TaskEntry, { attempt: AttemptToken }>;

/** Finds the entry of an attempt; `null` when the task has none or another one. */
function attemptOf({ tasks }: Change, task: TaskId, attempt: AttemptToken): AttemptEntry | null {
  const entry = tasks.get(task);
  return entry !== undefined && 'attempt' in entry && entry.attempt === attempt ? entry : null;
}

export function startWritten(
  change: Change,
  { task, attempt, failure }: Extract<Input, { type: 'started_written' }>,
): void {
  const entry = attemptOf(change, task, attempt);
  if (entry?.phase !== 'starting') return;
  const { logLines, ...granted } = entry;
  const { action, number, requested } = granted;
  if (failure !== null || requested !== null) {
    const outcome = requested ?? failed(`not started: the runner cannot write its journal: ${failure}`);
    recordEnd(change, entry, { task, outcome, logLines });
    return;
  }
  change.tasks.set(task, { ...granted, phase: 'running' });
  change.commands.push({ type: 'start_attempt', task, attempt, action, number });
}

export function cancel(change: Change, task: TaskId, attempt: AttemptToken): void {
  const entry = attemptOf(change, task, attempt);
  requestEnd(change, task, entry, {
    outcome: CANCELLED,
    remark: 'cancelling',
    graceMs: change.context.graceMs,
  });
}

/**
 * Ends an attempt as the runner stops, where its action or the policy says so. Otherwise it
 * finishes, unless nothing of it runs: then the next start of the runner continues it.
 */
export function endForStop(change: Change, task: TaskId, entry: TaskEntry): void {
  const { graceMs, stopWithinMs } = change.context;
  if (!('action' in entry)) return;
  if (stopWithinMs === null && entry.action?.onStop !== 'fail') {
    if (entry.phase === 'delaying' && entry.requested === null) leave(change, task, entry);
    return;
  }
  requestEnd(change, task, entry, {
    outcome: STOPPED,
    remark: 'the runner is stopping',
    graceMs: stopWithinMs ?? graceMs,
  });
}

/** The attempt is over for the hubs, but the task may not be: then it has been offered again. */
export function giveUp(change: Change, task: TaskId, attempt: AttemptToken): void {
  const entry = attemptOf(change, task, attempt);
  if (entry === null) return;
  if (entry.phase === 'ended') {
    settle(change, task, attempt);
    if (entry.offeredAgain !== null) takeOffer(change, entry.offeredAgain);
    return;
  }
  const givenUp = { ...entry, isGivenUp: true };
  change.tasks.set(task, givenUp);
  requestEnd(change, task, givenUp, {
    outcome: GIVEN_UP,
    remark: 'the hubs gave up on this attempt',
    graceMs: change.context.graceMs,
  });
}

/** Has no effect on an attempt that has ended. */
function requestEnd(
  { tasks, commands }: Change,
  task: TaskId,
  entry: TaskEntry | null,
  { outcome, remark, graceMs }: { outcome: Outcome; remark: string; graceMs: number },
): void {
  if (entry === null || !('requested' in entry)) return;
  tasks.set(task, { ...entry, requested: entry.requested ?? outcome });
  if (entry.phase !== 'starting') {
    commands.push({ type: 'end_attempt', attempt: entry.attempt, outcome, remark, graceMs });
  }
}

export function endAttempt(change: Change, input: Extract<Input, { type: 'attempt_ended' }>): void {
  const entry = attemptOf(change, input.task, input.attempt);
  if (entry?.phase !== 'running') return;
  const { task, attempt, outcome, steps, artefacts } = input;
  const retry = retryOf(entry.action, entry.offer);
  const { number, requested } = entry;
  if (outcome.status !== 'failed' || requested !== null || retry === null || number >= retry.attempts) {
    recordEnd(change, entry, input);
    return;
  }
  const delaying: DelayingEntry = { ...entry, phase: 'delaying', steps, artefacts };
  change.tasks.set(task, delaying);
  if (change.phase === 'stopping') leave(change, task, delaying);
  else change.commands.push({ type: 'delay', task, attempt, retry, number, error: outcome.error ?? '' });
}

/** Starts the action again. */
export function endDelay(
  change: Change,
  { task, attempt, logLines }: Extract<Input, { type: 'delay_over' }>,
): void {
  const entry = attemptOf(change, task, attempt);
  if (entry?.phase !== 'delaying') return;
  const { steps, artefacts, ...granted } = entry;
  if (granted.requested !== null) {
    recordEnd(change, entry, { task, outcome: granted.requested, logLines, steps, artefacts });
    return;
  }
  const again = { ...granted, number: granted.number + 1 };
  change.tasks.set(task, { ...again, phase: 'starting', logLines });
  writeStarted(change, again);
}

/** The journal has its last start, and no end. */
function leave({ tasks, commands }: Change, task: TaskId, { attempt }: DelayingEntry): void {
  tasks.delete(task);
  commands.push({ type: 'leave_attempt', attempt });
}

type EndOfAttempt = Pick<EndedRecord, 'task' | 'outcome' | 'logLines'> & {
  readonly steps?: EndedRecord['steps'] | undefined;
  readonly artefacts?: EndedRecord['artefacts'] | undefined;
};

function recordEnd(
  change: Change,
  { attempt, action, number, isGivenUp, offeredAgain }: GrantedEntry,
  { task, outcome, logLines, steps, artefacts }: EndOfAttempt,
): void {
  const { tasks, commands, context } = change;
  const { instance } = context;
  const known = { task, attempt, instance, outcome, logLines, number };
  const end: EndedRecord = {
    type: 'ended',
    ...known,
    ...(steps && { steps }),
    ...(artefacts && { artefacts }),
  };
  // A remembered end keeps the task from running again, which an idempotent one may.
  const mayRunAgain = isGivenUp && action?.idempotent === true;
  const record = mayRunAgain ? ({ type: 'settled', task, attempt } as const) : end;
  tasks.set(task, { phase: 'recording', attempt, end, isGivenUp, offeredAgain });
  commands.push({ type: 'record_end', record, outcome });
  claimReady(change);
}

export function endRecorded(change: Change, task: TaskId, attempt: AttemptToken): void {
  const entry = attemptOf(change, task, attempt);
  if (entry?.phase !== 'recording') return;
  const { end, isGivenUp, offeredAgain } = entry;
  change.tasks.set(task, { phase: 'ended', attempt, end, offeredAgain });
  change.commands.push({ type: 'report_end', end }, { type: 'announce' });
  if (isGivenUp) giveUp(change, task, attempt);
}

/** The hubs know the end of the attempt. */
export function settle(change: Change, task: TaskId, attempt: AttemptToken): void {
  if (attemptOf(change, task, attempt)?.phase !== 'ended') return;
  change.tasks.delete(task);
  change.commands.push(
    { type: 'stop_reporting', attempt },
    { type: 'record', record: { type: 'settled', task, attempt } },
  );
  claimReady(change);
}
