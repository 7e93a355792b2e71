import { DEFAULT_ATTEMPTS, newAttemptToken, type Report } from '@booner/protocol';
import { REPORTS_KEY, reportsKey, taskKey } from '@booner/protocol/redis-names';
import type { ReceivedReport, ReportOutcome } from '../../task-ports.ts';
import { encodeField } from './task-fields.ts';
import type { StepName } from './task-scripts.ts';
import type { RunStep } from './task-steps.ts';

/** Characters that are recorded of a report without effect. */
const MAX_RECORDED_CHARACTERS = 4096;

type Call = readonly [step: StepName, keys: readonly string[], args: readonly (string | number)[]];

/**
 * Applies a report and removes it from the stream, in one step. Rejects with BusError, and then
 * nothing was done.
 */
export async function applyReport(run: RunStep, received: ReceivedReport): Promise<ReportOutcome> {
  const [type, reason = ''] = (await run(...callFor(received))) as [ReportOutcome['type'], string?];
  return type === 'late' ? { type, reason } : { type };
}

function callFor({ host, cursor, report, detail }: ReceivedReport): Call {
  const stream = host === null ? REPORTS_KEY : reportsKey(host);
  if (report === null) return ['drop-report', [stream], [cursor, host ?? '', detail ?? 'cannot be read']];
  const common = [
    cursor,
    JSON.stringify(report).slice(0, MAX_RECORDED_CHARACTERS),
    report.host,
    report.instance,
  ];
  if (report.type === 'hello') return ['apply-hello', [stream], common];
  const [step, args] = aboutTask(report);
  return [step, [stream, taskKey(report.task)], [...common, report.task, ...args]];
}

function aboutTask(report: Exclude<Report, { type: 'hello' }>): [StepName, (string | number)[]] {
  switch (report.type) {
    case 'claim':
      return [
        'apply-claim',
        [
          ...[newAttemptToken(), report.idempotent ? '1' : ''],
          ...[report.attempts ?? DEFAULT_ATTEMPTS, report.starts ?? 0],
        ],
      ];
    case 'progress': {
      const { attempt, counter, progressPercent, message, logLines, steps = null, number = 0 } = report;
      const shown = [progressPercent, message, logLines, steps].map(encodeField);
      return ['apply-progress', [attempt, counter, ...shown, number]];
    }
    case 'end': {
      const { attempt, logLines, outcome, steps = null, artefacts = null, number = 0 } = report;
      const { status, result, error } = outcome;
      const found = [result, error, steps, artefacts].map(encodeField);
      return ['apply-end', [attempt, logLines, status, ...found, number]];
    }
    default:
      return report satisfies never;
  }
}
