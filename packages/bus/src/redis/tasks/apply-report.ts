import { DEFAULT_ATTEMPTS, newAttemptToken, type Report } from '@booner/protocol';
import { REPORTS_KEY, reportsKey, taskKey } from '@booner/protocol/redis-names';
import type { Redis } from 'ioredis';
import type { ReceivedReport, ReportOutcome } from '../../task-ports.ts';
import { runScript, type Script } from '../connection/run-script.ts';
import { encodeField } from './task-fields.ts';
import { APPLY_CLAIM, APPLY_END, APPLY_HELLO, APPLY_PROGRESS, DROP_REPORT } from './task-scripts.ts';

/** Characters that are recorded of a report without effect. */
const MAX_RECORDED_CHARACTERS = 4096;

type Call = readonly [script: Script, keys: readonly string[], args: readonly (string | number)[]];

/**
 * Applies a report and removes it from the stream, in one step. Rejects with BusError, and then
 * nothing was done.
 */
export async function applyReport(redis: Redis, received: ReceivedReport): Promise<ReportOutcome> {
  const [type, reason = ''] = (await runScript(redis, ...callFor(received))) as [
    ReportOutcome['type'],
    string?,
  ];
  return type === 'late' ? { type, reason } : { type };
}

function callFor({ host, cursor, report, detail }: ReceivedReport): Call {
  const stream = host === null ? REPORTS_KEY : reportsKey(host);
  if (report === null) return [DROP_REPORT, [stream], [cursor, host ?? '', detail ?? 'cannot be read']];
  const common = [
    cursor,
    JSON.stringify(report).slice(0, MAX_RECORDED_CHARACTERS),
    report.host,
    report.instance,
  ];
  if (report.type === 'hello') return [APPLY_HELLO, [stream], common];
  const [script, args] = aboutTask(report);
  return [script, [stream, taskKey(report.task)], [...common, report.task, ...args]];
}

function aboutTask(report: Exclude<Report, { type: 'hello' }>): [Script, (string | number)[]] {
  switch (report.type) {
    case 'claim':
      return [
        APPLY_CLAIM,
        [
          ...[newAttemptToken(), report.idempotent ? '1' : ''],
          ...[report.attempts ?? DEFAULT_ATTEMPTS, report.starts ?? 0],
        ],
      ];
    case 'progress': {
      const { attempt, counter, progressPercent, message, logLines, steps = null, number = 0 } = report;
      const shown = [progressPercent, message, logLines, steps].map(encodeField);
      return [APPLY_PROGRESS, [attempt, counter, ...shown, number]];
    }
    case 'end': {
      const { attempt, logLines, outcome, steps = null, artefacts = null, number = 0 } = report;
      const { status, result, error } = outcome;
      const found = [result, error, steps, artefacts].map(encodeField);
      return [APPLY_END, [attempt, logLines, status, ...found, number]];
    }
    default:
      return report satisfies never;
  }
}
