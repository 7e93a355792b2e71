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
import { accept, type OnRejected, reject, validate } from '../../stored-values.ts';
import type { LogPage } from '../../task-ports.ts';
import { rethrow } from '../connection/client.ts';
import { isWrongType, readBatch } from '../connection/read-batch.ts';
import { fieldsOf } from '../connection/stream-fields.ts';

/** Entries of one log that are read in one round trip: at most 0.5 MiB. */
const ENTRIES_PER_READ = 64;

type Entry = readonly [id: string, fields: readonly string[]];
/** Position of a reader in one log. */
type From = { readonly afterLine: number; readonly after: Cursor };

/**
 * Reads the logs of tasks. All methods reject with BusError; entries that cannot be parsed are left
 * out.
 */
export function createLogReader(redis: Redis, onRejected: OnRejected) {
  const noneIfWrongType = (id: TaskId, error: unknown): Entry[] => {
    if (!isWrongType(error)) return rethrow(error);
    onRejected(reject('wrong_shape', null, `log ${id}: its key is not a stream`).rejection);
    return [];
  };
  const linesOf = (id: TaskId, entry: Entry): readonly LogLine[] =>
    accept(parseEntry(id, entry), onRejected) ?? [];
  const collect = (collector: Collector, id: TaskId, entries: readonly Entry[]) => {
    for (const entry of entries) {
      if (collector.isFull()) return;
      collector.add(entry[0] as Cursor, linesOf(id, entry));
    }
  };

  return {
    /** The last lines of a log. */
    readTail: async (id: TaskId, max: number): Promise<LogPage> => {
      const parts: (readonly LogLine[])[] = [];
      let cursor = START_CURSOR;
      let count = 0;
      for (let end = '+'; count < max; ) {
        const entries = await redis
          .xrevrange(logKey(id), end, '-', 'COUNT', ENTRIES_PER_READ)
          .catch((error: unknown) => noneIfWrongType(id, error));
        if (parts.length === 0 && entries[0] !== undefined) cursor = entries[0][0] as Cursor;
        for (const entry of entries) {
          const lines = linesOf(id, entry);
          parts.unshift(lines);
          count += lines.length;
          end = `(${entry[0]}`;
        }
        if (entries.length < ENTRIES_PER_READ) break;
      }
      const collector = collectLines({ afterLine: 0, after: cursor }, Number.POSITIVE_INFINITY);
      for (const lines of parts) collector.add(cursor, lines);
      const lines = collector.page().lines.slice(-max);
      return { lines, droppedLines: (lines[0]?.line ?? 1) - 1, cursor };
    },

    /** The lines after a number, from a position on. */
    read: async (
      id: TaskId,
      { afterLine, after = START_CURSOR }: Pick<From, 'afterLine'> & Partial<From>,
      max: number,
    ): Promise<LogPage> => {
      const collector = collectLines({ afterLine, after }, max);
      for (;;) {
        const entries = await redis
          .xrange(logKey(id), `(${collector.page().cursor}`, '+', 'COUNT', ENTRIES_PER_READ)
          .catch((error: unknown) => noneIfWrongType(id, error));
        collect(collector, id, entries);
        if (collector.isFull() || entries.length < ENTRIES_PER_READ) return collector.page();
      }
    },

    /** New lines of several logs, in one round trip. */
    readMany: async (from: ReadonlyMap<TaskId, From>, max: number): Promise<ReadonlyMap<TaskId, LogPage>> => {
      const replies = await readBatch(redis, (pipeline) => {
        for (const [id, { after }] of from) {
          pipeline.xrange(logKey(id), `(${after}`, '+', 'COUNT', Math.min(max, ENTRIES_PER_READ));
        }
      });
      const pages = new Map<TaskId, LogPage>();
      for (const [index, [id, position]] of [...from].entries()) {
        const [error, reply] = replies[index] as [Error | null, Entry[]];
        const entries = error === null ? reply : noneIfWrongType(id, error);
        if (entries.length === 0) continue;
        const collector = collectLines(position, max);
        collect(collector, id, entries);
        pages.set(id, collector.page());
      }
      return pages;
    },
  };
}

type Collector = ReturnType<typeof collectLines>;

/**
 * Joins the lines of whole entries until there are `max`. Lines that a runner sent twice, because
 * it got no answer, count once.
 */
function collectLines({ afterLine, after }: From, max: number) {
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

function parseEntry(id: TaskId, [entryId, flat]: Entry) {
  const what = `log ${id} ${entryId}`;
  const fields = fieldsOf(flat);
  const text = fields.get('text') ?? '';
  if (text.length > MAX_LOG_ENTRY_BYTES) {
    return reject('oversized', null, `${what}: ${text.length} characters`);
  }
  const entry = { line: Number(fields.get('line')), stream: fields.get('stream'), text };
  const reading = validate(what, logEntrySchema, entry);
  if (!reading.ok) return reading;
  const { line, stream } = reading.value;
  const value = text.split('\n').map((each, index): LogLine => ({ line: line + index, stream, text: each }));
  return { ok: true, value } as const;
}
