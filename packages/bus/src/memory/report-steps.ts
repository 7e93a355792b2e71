import {
  type AttemptToken,
  DEFAULT_ATTEMPTS,
  hasEnded,
  isSameRunner,
  type Report,
  RUNNER_RESTARTED,
  type TaskChange,
} from '@booner/protocol';
import { limitOf, type ReportStep, type TaskRecord, withAttempts } from './task-record.ts';

type Claim = Extract<Report, { type: 'claim' }>;
type Progress = Extract<Report, { type: 'progress' }>;
type End = Extract<Report, { type: 'end' }>;

type ClaimFacts = {
  readonly nowMs: number;
  /** True if the claiming start of the runner serves its host. */
  readonly present: boolean;
  /** Token of the attempt, if it is granted. */
  readonly token: AttemptToken;
  /** Number of the last line in the task's log. */
  readonly lastLogLine: number;
};

/** Grants the first claim. The runner that has the task is granted it again, others are denied. */
export function claimStep(record: TaskRecord, claim: Claim, facts: ClaimFacts): ReportStep {
  const { task, instance, attemptToken } = record;
  const { idempotent = false, attempts = DEFAULT_ATTEMPTS, starts = 0 } = claim;
  const attempt = Math.max(task.attempt, starts);
  const maxAttempts = idempotent ? attempts : null;
  const deny = (reason: string) => ({ type: 'deny', task: task.id, reason }) as const;
  const grant = (token: AttemptToken, number: number) =>
    ({
      type: 'grant',
      task: task.id,
      instance: claim.instance,
      attempt: token,
      number,
      logLines: Math.max(task.logLines, facts.lastLogLine),
    }) as const;
  const start = (): ReportStep => ({
    outcome: { type: 'applied' },
    event: {
      kind: 'started',
      change: {
        status: 'running',
        attempt: attempt + 1,
        ...(maxAttempts !== task.maxAttempts && { maxAttempts }),
        startedAtMs: facts.nowMs,
        progressPercent: null,
        message: null,
        ...(task.steps !== null && { steps: null }),
      },
    },
    inner: {
      attemptToken: facts.token,
      instance: claim.instance,
      idempotent,
      progressCounter: 0,
    },
    control: grant(facts.token, attempt + 1),
  });
  const end = (change: TaskChange, reason: string): ReportStep => ({
    outcome: { type: 'applied' },
    event: { kind: 'ended', change: { ...change, endedAtMs: facts.nowMs } },
    control: deny(reason),
  });

  if (claim.host !== task.host) return late(`the task is not one of ${claim.host}`);
  if (!facts.present) return late('another runner serves this host, or none');
  if (task.external) return { ...late('an external task has no runner'), control: deny('external task') };
  if (hasEnded(task.status)) {
    return { outcome: { type: 'repeated' }, control: deny(task.status) };
  }
  if (task.status === 'running' && instance === claim.instance && attemptToken !== null) {
    return { outcome: { type: 'repeated' }, control: grant(attemptToken, task.attempt) };
  }
  const fail = (limit = limitOf(record)) => {
    const error = limit === null ? RUNNER_RESTARTED : withAttempts(RUNNER_RESTARTED, attempt, limit);
    return end({ status: 'failed', error, ...(attempt !== task.attempt && { attempt }) }, RUNNER_RESTARTED);
  };
  // The task ran before: it is queued again, or was granted to an earlier start. What another
  // runner started may still be running.
  if (instance !== null && !isSameRunner(instance, claim.instance)) return fail();
  // A claim means that the runner did not start the attempt, or may start it again.
  if (task.status === 'running' && task.cancelRequestedAtMs !== null) {
    return end({ status: 'cancelled' }, 'cancelled');
  }
  const limit = maxAttempts ?? limitOf(record);
  return limit !== null && attempt >= limit ? fail(limit) : start();
}

export function progressStep(
  record: TaskRecord,
  report: Progress,
  { sameRunnerPresent }: Pick<EndFacts, 'sameRunnerPresent'>,
): ReportStep {
  const { task } = record;
  if (!isAttempt(record, report)) {
    const stop = { type: 'stop', task: task.id, attempt: report.attempt } as const;
    const hadTask = record.instance !== null && isSameRunner(record.instance, report.instance);
    return task.host === report.host && (hadTask || sameRunnerPresent)
      ? { ...late(overReason(record)), control: stop }
      : late(overReason(record));
  }
  if (report.counter <= record.progressCounter) return { outcome: { type: 'repeated' } };
  const inner = { progressCounter: report.counter };
  const { progressPercent, logLines, steps = task.steps } = report;
  const attempt = attemptAfter(record, report);
  const message = report.message || null;
  const hasNewSteps = JSON.stringify(steps) !== JSON.stringify(task.steps);
  const isNews =
    hasNewSteps ||
    attempt !== task.attempt ||
    progressPercent !== task.progressPercent ||
    message !== task.message ||
    logLines !== task.logLines;
  return isNews
    ? {
        outcome: { type: 'applied' },
        inner,
        event: {
          kind: 'progress',
          change: {
            ...{ progressPercent, message, logLines },
            ...(hasNewSteps && { steps }),
            ...(attempt !== task.attempt && { attempt }),
          },
        },
      }
    : { outcome: { type: 'applied' }, inner };
}

type EndFacts = {
  readonly nowMs: number;
  /** True if any start of the reporting runner serves its host. */
  readonly sameRunnerPresent: boolean;
};

export function endStep(record: TaskRecord, report: End, { nowMs, sameRunnerPresent }: EndFacts): ReportStep {
  const settled = { type: 'settled', task: report.task, attempt: report.attempt } as const;
  if (isAttempt(record, report)) {
    const { status, result, error } = report.outcome;
    // A runner that restarted has lost its count.
    const logLines = Math.max(record.task.logLines, report.logLines);
    const { steps, artefacts } = report;
    const attempt = attemptAfter(record, report);
    const shown = {
      ...{ result, error: error || null, logLines },
      ...(steps !== undefined && { steps }),
      ...(artefacts !== undefined && { artefacts }),
    };
    const change = {
      ...shown,
      ...(attempt !== record.task.attempt && { attempt }),
      ...{ status, endedAtMs: nowMs },
    };
    return {
      outcome: { type: 'applied' },
      event: { kind: 'ended', change },
      inner: { endedByAttempt: report.attempt },
      control: settled,
    };
  }
  if (record.endedByAttempt === report.attempt) return { outcome: { type: 'repeated' }, control: settled };
  const step = late(overReason(record));
  if (!sameRunnerPresent) return step;
  // If the task goes on, the reporting runner may be the one that starts it.
  return { ...step, control: hasEnded(record.task.status) ? settled : { ...settled, type: 'stop' } };
}

const isAttempt = ({ task, attemptToken, instance }: TaskRecord, report: Progress | End): boolean =>
  task.status === 'running' && attemptToken === report.attempt && instance === report.instance;

/** Returns the number of starts after a report. A runner cannot count past the task's limit. */
const attemptAfter = (record: TaskRecord, { number = 0 }: Progress | End): number => {
  const { attempt } = record.task;
  return number > attempt && number <= (limitOf(record) ?? 0) ? number : attempt;
};

const overReason = ({ task }: TaskRecord): string =>
  hasEnded(task.status) ? `the task has ended: ${task.status}` : 'another attempt, or none, is running';

const late = (reason: string): ReportStep => ({ outcome: { type: 'late', reason } });
