import { type Cursor, type Report, reportSchema, START_CURSOR } from '@booner/protocol';
import type { ReceivedReport } from '../task-ports.ts';
import { nextCursor } from './entry-stream.ts';

/** Limit of reports that wait for hubs. Others are refused, and repeated later by their runners. */
const MAX_REPORTS = 10_000;

/** Reports of runners until a hub has applied them. */
export function createReportQueue() {
  const unread = new Map<Cursor, string>();
  const read = new Map<Cursor, { readonly json: string; readAtMs: number }>();
  let last = START_CURSOR;

  return {
    /** @returns `false` if the queue is full */
    append: (report: Report): boolean => {
      if (unread.size + read.size >= MAX_REPORTS) return false;
      last = nextCursor(last, Date.now());
      unread.set(last, JSON.stringify(report));
      return true;
    },
    next: (max: number): readonly ReceivedReport[] =>
      [...unread.entries().take(max)].map(([cursor, json]) => {
        unread.delete(cursor);
        read.set(cursor, { json, readAtMs: performance.now() });
        return receive(cursor, json);
      }),
    takeOver: (idleMs: number, max: number): readonly ReceivedReport[] => {
      const nowMs = performance.now();
      return [
        ...read
          .entries()
          .filter(([, { readAtMs }]) => nowMs - readAtMs >= idleMs)
          .take(max),
      ].map(([cursor, entry]) => {
        entry.readAtMs = nowMs;
        return receive(cursor, entry.json);
      });
    },
    remove: (cursor: Cursor) => {
      unread.delete(cursor);
      read.delete(cursor);
    },
  };
}

function receive(cursor: Cursor, json: string): ReceivedReport {
  const parsed = reportSchema.safeParse(JSON.parse(json));
  if (parsed.success) return { cursor, report: parsed.data, detail: null };
  const [issue] = parsed.error.issues;
  return { cursor, report: null, detail: `${issue?.path.join('.') || 'report'}: ${issue?.message}` };
}
