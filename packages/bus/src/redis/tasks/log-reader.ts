import {
  type Cursor,
  type LogLine,
  logEntrySchema,
  MAX_LOG_ENTRY_BYTES,
  START_CURSOR,
  type TaskId,
} from '@booner/protocol';
import { logKey } from '@booner/protocol/redis-names';
import type { Redis } from 'ioredis';
import { reject } from '../../stored-values.ts';
import type { LogPage } from '../../task-ports.ts';
import { rethrow } from '../connection/client.ts';
import { isWrongType, readBatch } from '../connection/read-batch.ts';
import { fieldsOf, judge } from './task-fields.ts';
import type { OnRejected } from './task-reader.ts';

/** Entries read in one round trip of one log: at most half a MiB. */
const ENTRIES_PER_READ = 64;

type Entry = readonly [id: string, fields: readonly string[]];

/** The last lines of a log. Rejects with BusError. */
export async function readLogTail(
  redis: Redis,
  id: TaskId,
  max: number,
  onRejected: OnRejected,
): Promise<LogPage> {
  const parts: (readonly LogLine[])[] = [];
  let cursor = START_CURSOR;
  let count = 0;
  for (let end = '+'; count < max; ) {
    const entries = await redis
      .xrevrange(logKey(id), end, '-', 'COUNT', ENTRIES_PER_READ)
      .catch((error: unknown) => nothingIfWrongType(error, id, onRejected));
    if (parts.length === 0 && entries[0] !== undefined) cursor = entries[0][0] as Cursor;
    for (const entry of entries) {
      const lines = linesOf(id, entry, onRejected);
      parts.unshift(lines);
      count += lines.length;
      end = `(${entry[0]}`;
    }
    if (entries.length < ENTRIES_PER_READ) break;
  }
  const collector = collectLines({ afterLine: 0, after: cursor, max: Number.POSITIVE_INFINITY });
  for (const lines of parts) collector.add(cursor, lines);
  const lines = collector.page().lines.slice(-max);
  return { lines, droppedLines: (lines[0]?.line ?? 1) - 1, cursor };
}

/** The lines after a number, from a position on. Rejects with BusError. */
export async function readLog(
  redis: Redis,
  id: TaskId,
  { afterLine, after = START_CURSOR }: { readonly afterLine: number; readonly after?: Cursor },
  max: number,
  onRejected: OnRejected,
): Promise<LogPage> {
  const collector = collectLines({ afterLine, after, max });
  for (;;) {
    const entries = await redis
      .xrange(logKey(id), `(${collector.page().cursor}`, '+', 'COUNT', ENTRIES_PER_READ)
      .catch((error: unknown) => nothingIfWrongType(error, id, onRejected));
    collect(collector, id, entries, onRejected);
    if (collector.isFull() || entries.length < ENTRIES_PER_READ) return collector.page();
  }
}

/** What came in several logs, in one round trip. Rejects with BusError. */
export async function readLogs(
  redis: Redis,
  from: ReadonlyMap<TaskId, { readonly afterLine: number; readonly after: Cursor }>,
  max: number,
  onRejected: OnRejected,
): Promise<ReadonlyMap<TaskId, LogPage>> {
  const replies = await readBatch(redis, (pipeline) => {
    for (const [id, { after }] of from) {
      pipeline.xrange(logKey(id), `(${after}`, '+', 'COUNT', Math.min(max, ENTRIES_PER_READ));
    }
  });
  const pages = new Map<TaskId, LogPage>();
  for (const [index, [id, { afterLine, after }]] of [...from].entries()) {
    const [error, reply] = replies[index] as [Error | null, Entry[]];
    const entries = error === null ? reply : nothingIfWrongType(error, id, onRejected);
    if (entries.length === 0) continue;
    const collector = collectLines({ afterLine, after, max });
    collect(collector, id, entries, onRejected);
    pages.set(id, collector.page());
  }
  return pages;
}

type Collector = ReturnType<typeof collectLines>;

/** Joins the lines of whole entries until there are `max`. What a runner sent twice, because it heard no answer, counts once. */
function collectLines({ afterLine, after, max }: { afterLine: number; after: Cursor; max: number }) {
  const lines: LogLine[] = [];
  let cursor = after;
  let last = afterLine;
  return {
    add: (position: Cursor, added: readonly LogLine[]) => {
      cursor = position;
      for (const line of added) {
        if (line.line <= last) continue;
        last = line.line;
        lines.push(line);
      }
    },
    isFull: () => lines.length >= max,
    page: (): LogPage => ({
      lines,
      droppedLines: lines[0] === undefined ? 0 : lines[0].line - afterLine - 1,
      cursor,
    }),
  };
}

function collect(collector: Collector, id: TaskId, entries: readonly Entry[], onRejected: OnRejected): void {
  for (const entry of entries) {
    if (collector.isFull()) return;
    collector.add(entry[0] as Cursor, linesOf(id, entry, onRejected));
  }
}

/** The lines of one entry; none of one that cannot be read. */
function linesOf(id: TaskId, [entryId, flat]: Entry, onRejected: OnRejected): readonly LogLine[] {
  const what = `log ${id} ${entryId}`;
  const fields = fieldsOf(flat);
  const text = fields.get('text') ?? '';
  const isOversized = text.length > MAX_LOG_ENTRY_BYTES;
  const reading = isOversized
    ? reject('oversized', null, `${what}: ${text.length} characters`)
    : judge(what, logEntrySchema, { line: Number(fields.get('line')), stream: fields.get('stream'), text });
  if (!reading.ok) {
    onRejected(reading.rejection);
    return [];
  }
  const { line, stream } = reading.value;
  return text.split('\n').map((each, index) => ({ line: line + index, stream, text: each }));
}

function nothingIfWrongType(error: unknown, id: TaskId, onRejected: OnRejected): Entry[] {
  if (!isWrongType(error)) return rethrow(error);
  onRejected(reject('wrong_shape', null, `log ${id}: its key is no stream`).rejection);
  return [];
}
