import { newAttemptToken, type Report } from '@booner/protocol';
import { REPORTS_KEY, taskKey } from '@booner/protocol/redis-names';
import type { Redis } from 'ioredis';
import type { ReceivedReport, ReportOutcome } from '../../task-ports.ts';
import { runScript, type Script } from '../connection/run-script.ts';
import { encodeField } from './task-fields.ts';
import { APPLY_CLAIM, APPLY_END, APPLY_HELLO, APPLY_PROGRESS, DROP_REPORT } from './task-scripts.ts';

/** Characters that are recorded of a report without effect. */
const MAX_RECORDED_CHARACTERS = 4096;

type Call = readonly [script: Script, key: string, args: readonly (string | number)[]];

/**
 * Applies a report and removes it from the stream, in one step. Rejects with BusError, and then
 * nothing was done.
 */
export async function applyReport(redis: Redis, received: ReceivedReport): Promise<ReportOutcome> {
  const [script, key, args] = callFor(received);
  const [type, reason = ''] = (await runScript(redis, script, [key], args)) as [
    ReportOutcome['type'],
    string?,
  ];
  return type === 'late' ? { type, reason } : { type };
}

function callFor({ cursor, report, detail }: ReceivedReport): Call {
  if (report === null) return [DROP_REPORT, REPORTS_KEY, [cursor, detail ?? 'cannot be read']];
  const common = [
    cursor,
    JSON.stringify(report).slice(0, MAX_RECORDED_CHARACTERS),
    report.host,
    report.instance,
  ];
  if (report.type === 'hello') return [APPLY_HELLO, REPORTS_KEY, common];
  const [script, args] = aboutTask(report);
  return [script, taskKey(report.task), [...common, report.task, ...args]];
}

function aboutTask(report: Exclude<Report, { type: 'hello' }>): [Script, (string | number)[]] {
  switch (report.type) {
    case 'claim':
      return [APPLY_CLAIM, [newAttemptToken(), report.idempotent ? '1' : '']];
    case 'progress': {
      const { attempt, counter, progressPercent, message, logLines } = report;
      const shown = [progressPercent, message, logLines].map(encodeField);
      return [APPLY_PROGRESS, [attempt, counter, ...shown]];
    }
    case 'end': {
      const { attempt, logLines, outcome } = report;
      const { status, result, error } = outcome;
      return [APPLY_END, [attempt, logLines, status, encodeField(result), encodeField(error)]];
    }
    default:
      return report satisfies never;
  }
}
