import { type FileHandle, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { JournalEntry } from './journal-entry.ts';
import { journalLine, parseJournal } from './journal-entry.ts';
import { type RememberedAttempts, rememberAttempts } from './remembered-attempts.ts';

/** The journal is rewritten without settled attempts when it has grown by this much. */
const COMPACT_AFTER_BYTES = 1024 * 1024;

/** Remembers the attempts of a runner across restarts. */
export type Journal = AsyncDisposable & {
  readonly attempts: Omit<RememberedAttempts, 'apply' | 'compacted'>;
  /**
   * Returns when the entry is on the disk. Entries that arrive while others are being written share
   * one write and one fsync.
   * @throws Error of the system (`ENOSPC`, `EIO`); the entry is then not in the journal
   */
  append(entry: JournalEntry): Promise<void>;
};

export type OpenJournalOptions = {
  /** Receives the number of unreadable lines, if there are any. */
  readonly onUnreadable: (lines: number) => void;
  /**
   * The journal could not be compacted (a full disk). Retried after another `COMPACT_AFTER_BYTES`.
   */
  readonly onNotCompacted: (error: unknown) => void;
};

type Waiting = { readonly entry: JournalEntry; readonly done: PromiseWithResolvers<void> };

/**
 * Opens a journal file, creating it if necessary, and compacts it.
 * @throws Error of the system
 */
export async function openJournal(path: string, options: OpenJournalOptions): Promise<Journal> {
  const { onUnreadable, onNotCompacted } = options;
  const { entries, unreadable } = parseJournal(await readText(path));
  if (unreadable > 0) onUnreadable(unreadable);
  const attempts = rememberAttempts(entries);
  let file = await writeAnew(path, attempts.compacted(Date.now()));
  let compactAtBytes = file.sizeBytes + COMPACT_AFTER_BYTES;
  const waiting: Waiting[] = [];
  let writing: Promise<void> | null = null;

  const compact = async () => {
    const old = file;
    try {
      file = await writeAnew(path, attempts.compacted(Date.now()));
      await old.handle.close();
    } catch (error) {
      onNotCompacted(error);
    }
    compactAtBytes = file.sizeBytes + COMPACT_AFTER_BYTES;
  };
  const writeAll = async () => {
    while (waiting.length > 0) {
      const batch = waiting.splice(0);
      try {
        await appendDurably(file, batch.map(({ entry }) => journalLine(entry)).join(''));
      } catch (error) {
        for (const { done } of batch) done.reject(error);
        continue;
      }
      for (const { entry, done } of batch) {
        attempts.apply(entry);
        done.resolve();
      }
      if (file.sizeBytes > compactAtBytes) await compact();
    }
    writing = null;
  };
  return {
    attempts,
    append: (entry) => {
      const done = Promise.withResolvers<void>();
      waiting.push({ entry, done });
      writing ??= writeAll();
      return done.promise;
    },
    [Symbol.asyncDispose]: async () => {
      await writing;
      await file.handle.close();
    },
  };
}

/**
 * A journal that ends with the process: for a runner inside a hub without Redis, like its tasks.
 */
export function openMemoryJournal(): Journal {
  const attempts = rememberAttempts();
  return {
    attempts,
    append: async (entry) => attempts.apply(entry),
    [Symbol.asyncDispose]: async () => {},
  };
}

type JournalFile = { readonly handle: FileHandle; sizeBytes: number; isTorn: boolean };

/** Appends. First removes what a failed write left behind: a later line must not join it. */
async function appendDurably(file: JournalFile, text: string): Promise<void> {
  const { handle } = file;
  const bytes = Buffer.from(text);
  if (file.isTorn) await handle.truncate(file.sizeBytes);
  file.isTorn = true;
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, file.sizeBytes + done);
    done += bytesWritten;
  }
  await handle.datasync();
  file.isTorn = false;
  file.sizeBytes += bytes.length;
}

/** Replaces the file in one step: a crash leaves either the old file or the new one. */
async function writeAnew(path: string, entries: readonly JournalEntry[]): Promise<JournalFile> {
  const next = `${path}.new`;
  const handle = await open(next, 'w', 0o600);
  try {
    const text = entries.map(journalLine).join('');
    await handle.writeFile(text);
    await handle.sync();
    await rename(next, path);
    await syncDirectory(dirname(path));
    return { handle, sizeBytes: Buffer.byteLength(text), isTorn: false };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
