import { type ControlMessage, isSameRunner, newAttemptToken, type Report } from '@booner/protocol';
import type { ReceivedReport, ReportOutcome } from '../task-ports.ts';
import { claimStep, endStep, progressStep } from './report-steps.ts';
import type { ReportStep, TaskRecord } from './task-record.ts';
import type { TaskState } from './task-state.ts';

type TaskReport = Exclude<Report, { type: 'hello' }>;

/** Facts besides the task that a report's step depends on. */
type Facts = {
  readonly nowMs: number;
  /** True if the reporting start of the runner serves its host. */
  readonly present: boolean;
  /** True if any start of the reporting runner serves its host. */
  readonly sameRunnerPresent: boolean;
  /** Number of the last line in the task's log. */
  readonly lastLogLine: number;
};

/** Applies a report, answers the runner, and removes the report from the queue. */
export function applyReport(state: TaskState, received: ReceivedReport, nowMs: number): ReportOutcome {
  const { report, detail } = received;
  state.reports.remove(received);
  const late = (reason: string): ReportOutcome => {
    state.recordLate(reason, report);
    return { type: 'late', reason };
  };
  if (report === null) return late(detail ?? 'cannot be read');
  const { host, instance } = report;
  const served = state.servedBy(host);
  if (report.type === 'hello') {
    if (served === instance) return { type: 'applied' };
    if (served === null) return late('no runner is present on this host');
    state.channelOf(host).flagConflict();
    return late('another runner serves this host');
  }
  const sameRunnerPresent = served !== null && isSameRunner(served, instance);
  const lastLogLine = state.logs.lastLine(report.task);
  const facts = { nowMs, present: served === instance, sameRunnerPresent, lastLogLine };
  if (report.type === 'claim' && served !== null && !sameRunnerPresent) state.channelOf(host).flagConflict();
  const record = state.record(report.task);
  if (record === undefined) {
    const answer = answerUnknown(report, facts);
    if (answer !== null) state.channelOf(host).send(answer);
    return late('unknown task');
  }
  const step = stepOf(record, report, facts);
  if (step.outcome.type !== 'late') {
    state.commit(record, step, host);
    return step.outcome;
  }
  state.commit(record, { ...step, inner: { ...step.inner, lateReports: record.lateReports + 1 } }, host);
  return late(step.outcome.reason);
}

function stepOf(record: TaskRecord, report: TaskReport, facts: Facts): ReportStep {
  switch (report.type) {
    case 'claim':
      return claimStep(record, report, { ...facts, token: newAttemptToken() });
    case 'progress':
      return progressStep(record, report, facts);
    case 'end':
      return endStep(record, report, facts);
    default:
      return report satisfies never;
  }
}

/**
 * Returns the answer to a report on a task that does not exist, so that the runner stops asking.
 */
function answerUnknown(report: TaskReport, { present, sameRunnerPresent }: Facts): ControlMessage | null {
  const { type, task } = report;
  if (type === 'claim') return present ? { type: 'deny', task, reason: 'unknown task' } : null;
  if (type === 'progress') return present ? { type: 'stop', task, attempt: report.attempt } : null;
  return sameRunnerPresent ? { type: 'settled', task, attempt: report.attempt } : null;
}
