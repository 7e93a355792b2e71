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
import type { RejectionReason } from '../../ports.ts';
import { accept, type OnRejected, reject, validate } from '../../stored-values.ts';
import type { LogPage } from '../../task-ports.ts';
import { runScript } from '../connection/run-script.ts';
import { fieldsOf } from '../connection/stream-fields.ts';
import { READ_LOG } from './task-scripts.ts';

/** Entries and bytes of one log in one answer. */
const ENTRIES_PER_READ = 64;
const BYTES_PER_READ = 512 * 1024;
/** Bytes of several logs in one answer, about. */
const BYTES_TOGETHER = 1024 * 1024;

type Range = readonly [command: 'XRANGE' | 'XREVRANGE', from: string, to: string];
type Part = { readonly isMore: boolean; readonly entries: readonly Entry[] };
type Entry = readonly [id: string, fields: readonly string[]];
/** Position of a reader in one log. */
type From = { readonly afterLine: number; readonly after: Cursor };

/**
 * Reads the logs of tasks. All methods reject with BusError. Entries that cannot be parsed are left
 * out; those that are too large are deleted before they are read.
 */
export function createLogReader(redis: Redis, onRejected: OnRejected) {
  const readPart = async (
    id: TaskId,
    range: Range,
    maxEntries = ENTRIES_PER_READ,
    maxBytes = BYTES_PER_READ,
  ): Promise<Part> => {
    for (;;) {
      const answer = await runScript(redis, READ_LOG, [logKey(id)], [...range, maxEntries, maxBytes]);
      const [isMore, dropped, entries] = answer as [0 | 1, string[], Entry[]];
      for (let at = 0; at + 1 < dropped.length; at += 2) {
        onRejected(reject(dropped[at] as RejectionReason, null, dropped[at + 1]!).rejection);
      }
      if (entries.length > 0 || isMore === 0) return { isMore: isMore === 1, entries };
    }
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
        const { isMore, entries } = await readPart(id, ['XREVRANGE', end, '-']);
        if (parts.length === 0 && entries[0] !== undefined) cursor = entries[0][0] as Cursor;
        for (const entry of entries) {
          const lines = linesOf(id, entry);
          parts.unshift(lines);
          count += lines.length;
          end = `(${entry[0]}`;
        }
        if (!isMore) break;
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
        const after = collector.page().cursor;
        const { isMore, entries } = await readPart(id, ['XRANGE', `(${after}`, '+']);
        collect(collector, id, entries);
        if (collector.isFull() || !isMore) return collector.page();
      }
    },

    /** New lines of several logs, in one round trip. */
    readMany: async (from: ReadonlyMap<TaskId, From>, max: number): Promise<ReadonlyMap<TaskId, LogPage>> => {
      const maxEntries = Math.min(max, ENTRIES_PER_READ);
      const maxBytes = Math.min(BYTES_PER_READ, Math.floor(BYTES_TOGETHER / from.size));
      const parts = await Promise.all(
        [...from].map(([id, { after }]) => readPart(id, ['XRANGE', `(${after}`, '+'], maxEntries, maxBytes)),
      );
      const pages = new Map<TaskId, LogPage>();
      for (const [index, [id, position]] of [...from].entries()) {
        const { entries } = parts[index]!;
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
