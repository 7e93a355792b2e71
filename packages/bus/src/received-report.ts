import { type Cursor, type HostId, reportSchema } from '@booner/protocol';
import { type OnRejected, reject, validate } from './stored-values.ts';
import type { ReceivedReport } from './task-ports.ts';

/**
 * Parses an entry of a stream of reports.
 * @param host host whose stream it is; `null` for the one that older runners share
 */
export function readReport(
  host: HostId | null,
  cursor: Cursor,
  text: string | undefined,
  onRejected: OnRejected,
): ReceivedReport {
  const unreadable = (detail: string): ReceivedReport => ({ host, cursor, report: null, detail });
  if (text === undefined) return unreadable('the field "report" is missing');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return unreadable(`${text.length} characters that are not JSON`);
  }
  const reading = validate('report', reportSchema, value);
  if (!reading.ok) return unreadable(reading.rejection.detail);
  if (host !== null && reading.value.host !== host) {
    const { rejection } = reject('wrong_host', host, 'a report names another host than its stream');
    onRejected(rejection);
    return unreadable(rejection.detail);
  }
  return { host, cursor, report: reading.value, detail: null };
}
