import {
  type Cursor,
  LOG_TTL_MS,
  type LogEntry,
  MAX_LOG_ENTRIES,
  START_CURSOR,
  type TaskId,
} from '@booner/protocol';
import { createEntryStream, type EntryStream, type StreamEntry } from './entry-stream.ts';

/**
 * Size of all logs together in UTF-16 units. Whole logs are dropped, least recently written first.
 */
const MAX_TOTAL_CHARACTERS = 64 * 1024 * 1024;

type Log = { readonly entries: EntryStream<LogEntry>; characters: number; expiresAtMs: number };

/** The output of all tasks. */
export function createTaskLogs() {
  /** In the order of the last write, which is that of expiry. */
  const logs = new Map<TaskId, Log>();
  let totalCharacters = 0;

  const forget = (task: TaskId) => {
    totalCharacters -= logs.get(task)?.characters ?? 0;
    logs.delete(task);
  };
  const sweep = () => {
    for (const [task, { expiresAtMs }] of logs) {
      const isOverBound = totalCharacters > MAX_TOTAL_CHARACTERS && logs.size > 1;
      if (expiresAtMs > Date.now() && !isOverBound) return;
      forget(task);
    }
  };

  return {
    append: (task: TaskId, entries: readonly LogEntry[]) => {
      const log = logs.get(task) ?? {
        entries: createEntryStream<LogEntry>(MAX_LOG_ENTRIES),
        characters: 0,
        expiresAtMs: 0,
      };
      let growth = 0;
      for (const { line, stream, text } of entries) {
        const dropped = log.entries.append({ line, stream, text });
        growth += text.length - (dropped?.text.length ?? 0);
      }
      log.characters += growth;
      totalCharacters += growth;
      log.expiresAtMs = Date.now() + LOG_TTL_MS;
      logs.delete(task);
      logs.set(task, log);
      sweep();
    },
    /** Oldest first. */
    read: (task: TaskId, after: Cursor): readonly StreamEntry<LogEntry>[] => {
      const log = logs.get(task);
      return log === undefined || log.expiresAtMs <= Date.now() ? [] : log.entries.after(after);
    },
    /** Returns the number of the last line; 0 for an empty log. */
    lastLine: (task: TaskId): number => {
      const newest = logs.get(task)?.entries.after(START_CURSOR).at(-1)?.value;
      return newest === undefined ? 0 : newest.line + newest.text.split('\n').length - 1;
    },
    forget,
  };
}
