import { type FileHandle, open } from 'node:fs/promises';
import type { NewAuditEntry } from '@booner/protocol';
import { createFailureLog, type FailureLog, type Logger, retry, sleep } from '@booner/service';
import type { Metric } from '../feature/metric.ts';

/** Entries that may wait for the disk. Beyond them the oldest are dropped and counted. */
const MAX_WAITING = 10_000;
const BATCH_ENTRIES = 1000;
const FLUSH_DEADLINE_MS = 700;
const NEWLINE = 0x0a;

/** The file cannot be opened or written now. */
class AuditFileError extends Error {
  readonly code = 'audit_file';
  readonly failureKind = 'expected';

  constructor(cause: unknown) {
    super(`BOONER_AUDIT_FILE: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'AuditFileError';
  }
}

/** Lines on their way to the file. */
type Batch = { readonly bytes: Buffer; written: number };

/**
 * A copy of the audit log that can leave the hub: a JSON line for each entry of this hub, appended
 * to a file. Entries are written in order and outside of requests. While the file cannot be
 * written, they wait, and nothing else is affected.
 */
export class AuditFile implements AsyncDisposable {
  readonly #path: string;
  readonly #log: Logger;
  readonly #failures: FailureLog;
  readonly #waiting: string[] = [];
  readonly #stop = new AbortController();
  #file: FileHandle | null = null;
  #mustReopen = false;
  #writing: Promise<void> | null = null;
  #isFailing = false;
  #lost = 0;
  #lostInOutage = 0;

  constructor({ path, log }: { readonly path: string; readonly log: Logger }) {
    this.#path = path;
    this.#log = log;
    this.#failures = createFailureLog(log, {
      failing: 'the audit file cannot be written: entries wait in memory',
      recovered: 'the audit file can be written again',
    });
  }

  get metrics(): readonly Metric[] {
    return [
      {
        type: 'gauge',
        name: 'booner_hub_audit_file_failing',
        help: '1 while BOONER_AUDIT_FILE cannot be written',
        read: () => Number(this.#isFailing),
      },
      {
        type: 'counter',
        name: 'booner_hub_audit_file_lost_entries_total',
        help: 'Audit entries missing in BOONER_AUDIT_FILE because it could not be written for too long',
        read: () => this.#lost,
      },
    ];
  }

  /** Opens the file, or opens it again after it was rotated. */
  reopen(): void {
    this.#mustReopen = true;
    this.#write();
  }

  append(entry: NewAuditEntry): void {
    this.#waiting.push(`${JSON.stringify(entry)}\n`);
    if (this.#waiting.length > MAX_WAITING) {
      this.#waiting.shift();
      this.#lost += 1;
      this.#lostInOutage += 1;
    }
    this.#write();
  }

  /** Writes what is waiting, within 0.7 s. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.race([this.#writing, sleep(FLUSH_DEADLINE_MS, this.#stop.signal)]);
    const isStuck = this.#writing !== null;
    this.#stop.abort();
    if (isStuck) {
      const path = this.#path;
      this.#log.error({ path }, 'the last audit entries could not be written to the audit file');
    } else {
      await this.#file?.close();
    }
  }

  #write(): void {
    this.#writing ??= this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    try {
      do {
        const bytes = Buffer.from(this.#waiting.splice(0, BATCH_ENTRIES).join(''));
        const batch: Batch = { bytes, written: 0 };
        const written = await retry(() => this.#writeBatch(batch), { failures: this.#failures }, this.#stop);
        if (written === 'aborted') return;
        if (this.#lostInOutage === 0) continue;
        this.#log.error({ entries: this.#lostInOutage }, 'entries are missing in the audit file');
        this.#lostInOutage = 0;
      } while (this.#waiting.length > 0 || this.#mustReopen);
    } finally {
      this.#writing = null;
    }
  }

  /** Continues after a failure where it had stopped, so that the file has whole lines. */
  async #writeBatch(batch: Batch): Promise<void> {
    try {
      if (this.#mustReopen || this.#file === null) {
        this.#mustReopen = false;
        await this.#file?.close();
        this.#file = null;
        batch.written = lineStart(batch);
        this.#file = await openForLines(this.#path);
      }
      while (batch.written < batch.bytes.length) {
        const { bytesWritten } = await this.#file.write(batch.bytes, batch.written);
        batch.written += bytesWritten;
      }
      this.#isFailing = false;
    } catch (error) {
      this.#isFailing = true;
      throw new AuditFileError(error);
    }
  }
}

/** Returns the start of the line that is only partly written. */
const lineStart = ({ bytes, written }: Batch): number =>
  written === 0 ? 0 : bytes.lastIndexOf(NEWLINE, written - 1) + 1;

/** Opens a file to append to. Ends its last line if a crash or a full disk has cut that short. */
async function openForLines(path: string): Promise<FileHandle> {
  const file = await open(path, 'a+', 0o600);
  try {
    const { size } = await file.stat();
    if (size === 0) return file;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
    if (bytesRead === 1 && buffer[0] !== NEWLINE) await file.write('\n');
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}
