import { type Cursor, type HostId, type Report, START_CURSOR } from '@booner/protocol';
import { MAX_REPORT_BYTES, MAX_REPORTS } from '../limits.ts';
import { readReport } from '../received-report.ts';
import type { ReceivedReport } from '../task-ports.ts';
import { nextCursor } from './entry-stream.ts';

type HostReports = {
  readonly unread: Map<Cursor, string>;
  readonly read: Map<Cursor, { readonly json: string; readAtMs: number }>;
};

/** Reports of runners until a hub has applied them. */
export function createReportQueue() {
  /** Hosts with reports, in the order of their turns. */
  const hosts = new Map<HostId, HostReports>();
  let last = START_CURSOR;
  const receive = (host: HostId, cursor: Cursor, json: string) => readReport(host, cursor, json, () => {});

  return {
    /**
     * Drops a report that is too large.
     * @returns `false` if the queue of the host is full: its runner repeats the report later
     */
    append: (host: HostId, report: Report): boolean => {
      const json = JSON.stringify(report);
      if (Buffer.byteLength(json) > MAX_REPORT_BYTES) return true;
      const reports = hosts.get(host) ?? { unread: new Map(), read: new Map() };
      if (reports.unread.size + reports.read.size >= MAX_REPORTS) return false;
      hosts.set(host, reports);
      last = nextCursor(last, Date.now());
      reports.unread.set(last, json);
      return true;
    },
    /** Reports that were not read, of all hosts in turns. */
    next: (max: number): readonly ReceivedReport[] => {
      const waiting = [...hosts].filter(([, { unread }]) => unread.size > 0).slice(0, max);
      return waiting.flatMap(([host, reports]) => {
        hosts.delete(host);
        hosts.set(host, reports); // the last in turn
        return [...reports.unread.entries().take(Math.floor(max / waiting.length))].map(([cursor, json]) => {
          reports.unread.delete(cursor);
          reports.read.set(cursor, { json, readAtMs: performance.now() });
          return receive(host, cursor, json);
        });
      });
    },
    takeOver: (idleMs: number, max: number): readonly ReceivedReport[] => {
      const nowMs = performance.now();
      const idle = [...hosts].flatMap(([host, { read }]) =>
        [...read]
          .filter(([, { readAtMs }]) => nowMs - readAtMs >= idleMs)
          .map((each) => [host, each] as const),
      );
      return idle.slice(0, max).map(([host, [cursor, entry]]) => {
        entry.readAtMs = nowMs;
        return receive(host, cursor, entry.json);
      });
    },
    remove: ({ host, cursor }: Pick<ReceivedReport, 'host' | 'cursor'>) => {
      const reports = host === null ? undefined : hosts.get(host);
      if (host === null || reports === undefined) return;
      reports.unread.delete(cursor);
      reports.read.delete(cursor);
      if (reports.unread.size + reports.read.size === 0) hosts.delete(host);
    },
  };
}
