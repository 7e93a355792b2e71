import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

/** The stored form of some samples. */
export type QueuedRecord = {
  /** Compressed part of a write request. */
  readonly body: Buffer;
  /** Bytes of `body` before compression. */
  readonly length: number;
  readonly samples: number;
  /** Unix time of the samples. */
  readonly atMs: number;
};

/** Records that are sent together. */
export type Batch = {
  readonly records: readonly QueuedRecord[];
  readonly samples: number;
  /** True if more records did not fit. */
  readonly isFull: boolean;
  /** Where it is: for {@link DiskQueue.done}. */
  readonly segment: number;
  readonly from: number;
  readonly until: number;
};

export type DiskQueueOptions = {
  readonly directory: string;
  readonly maxBytes: number;
  /** The oldest samples are dropped while the disk has less free space. */
  readonly minFreeBytes: number;
  /** Default 4 MiB. */
  readonly segmentBytes?: number;
};

/** length, checksum, length before compression, samples (each uint32), time (double). */
const HEADER_BYTES = 24;
const SEGMENT_BYTES = 4 * 1024 * 1024;
/** Bounds of a batch before compression, like those of receivers. One record may be larger. */
const MAX_BATCH = { bytes: 2 * 1024 * 1024, samples: 10_000 };
const SUFFIX = '.segment';
const POSITION_FILE = 'position';
const POSITION_CHARACTERS = 80;

/** The oldest record that is not done. `until`: the end of the batch that it is in; 0: of none. */
type Position = { readonly segment: number; readonly offset: number; readonly until: number };

/**
 * A queue in append-only files that survives the end of the process at any moment. Full, it drops
 * the oldest file. Calls block for the time of a read or write, so it belongs into a worker thread.
 *
 * A batch stays the same until it is done, across restarts as well: the receiver may have taken it
 * although the answer was lost, and then refuses it as a whole. No new sample may be lost with it.
 * For the same reason no batch spans two files, and each start begins a new one.
 */
export class DiskQueue {
  readonly #options: DiskQueueOptions;
  readonly #positionFile: number;
  /** Numbers of the files with their sizes, the oldest first. */
  readonly #segments = new Map<number, number>();
  /** The newest file, which is open for appending; `null` until the first record. */
  #active: { readonly number: number; readonly file: number } | null = null;
  #nextNumber: number;
  #head: Position;
  #droppedSamples = 0;

  /** @throws Error of the system if the directory cannot be used */
  constructor(options: DiskQueueOptions) {
    this.#options = options;
    const { directory } = options;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(directory).sort()) {
      if (name.endsWith(SUFFIX)) this.#segments.set(Number.parseInt(name, 10), sizeOf(join(directory, name)));
    }
    const path = join(directory, POSITION_FILE);
    this.#head = readPosition(path);
    this.#positionFile = openSync(path, existsSync(path) ? 'r+' : 'w+', 0o600);
    for (const segment of this.#segments.keys()) if (segment < this.#head.segment) this.#remove(segment);
    this.#nextNumber = Math.max(this.#head.segment, ...this.#segments.keys()) + 1;
    this.#skipEmpty();
  }

  /** Bytes that have not been sent. */
  get bytes(): number {
    return this.#total() - (this.#segments.has(this.#head.segment) ? this.#head.offset : 0);
  }

  /** Samples that were dropped because the queue was full. */
  get droppedSamples(): number {
    return this.#droppedSamples;
  }

  /** Starts a new file, so that no later record shares a batch with an earlier one. */
  separate(): void {
    if (this.#active === null) return;
    closeSync(this.#active.file);
    this.#active = null;
  }

  /** @throws Error of the system, such as `ENOSPC`: the record is not stored */
  append(record: QueuedRecord): void {
    const { segmentBytes = SEGMENT_BYTES } = this.#options;
    const bytes = HEADER_BYTES + record.body.length;
    if (this.#active !== null && (this.#segments.get(this.#active.number) ?? 0) + bytes > segmentBytes)
      this.separate();
    this.#active ??= this.#startSegment();
    const { number, file } = this.#active;
    const size = this.#segments.get(number) ?? 0;
    try {
      writeSync(file, encodeRecord(record), 0, bytes, size);
    } catch (error) {
      this.separate(); // what was written of it is no record
      throw error;
    }
    this.#segments.set(number, size + bytes);
  }

  /** Returns the oldest records; `null` if there is none. The same ones until they are done. */
  next(): Batch | null {
    for (;;) {
      this.#skipEmpty();
      const { segment, offset, until } = this.#head;
      if (!this.#segments.has(segment)) return null;
      const batch = this.#read(segment, offset, until);
      if (batch.records.length > 0) {
        this.#moveTo({ segment, offset, until: batch.until });
        return batch;
      }
      // Nothing there can be read: the process or the machine ended in the middle of a write.
      this.#moveTo({ segment, offset: this.#segments.get(segment) ?? offset, until: 0 });
      if (this.#active?.number === segment) return null;
    }
  }

  /** Takes a batch off the queue. Does nothing if it was dropped meanwhile. */
  done({ segment, until }: Batch): void {
    if (this.#head.segment === segment) this.#moveTo({ segment, offset: until, until: 0 });
    this.#skipEmpty();
  }

  close(): void {
    this.separate();
    closeSync(this.#positionFile);
  }

  #read(segment: number, from: number, until: number): Batch {
    const size = this.#segments.get(segment) ?? 0;
    const path = this.#pathOf(segment);
    const file = openSync(path, 'r');
    try {
      const records: QueuedRecord[] = [];
      const isKnown = until > from;
      const end = isKnown ? Math.min(until, size) : size;
      let [bytes, samples, at, isFull] = [0, 0, from, false];
      while (at < end) {
        const record = readRecord(file, at, end);
        if (record === null) break;
        isFull = bytes + record.length > MAX_BATCH.bytes || samples + record.samples > MAX_BATCH.samples;
        if (isFull && !isKnown && records.length > 0) break;
        bytes += record.length;
        samples += record.samples;
        at += HEADER_BYTES + record.body.length;
        records.push(record);
      }
      return { records, samples, isFull, segment, from, until: at };
    } finally {
      closeSync(file);
    }
  }

  #startSegment() {
    this.#makeRoom();
    const number = this.#nextNumber++;
    const file = openSync(this.#pathOf(number), 'w', 0o600);
    this.#segments.set(number, 0);
    if (this.#segments.size === 1) this.#moveTo({ segment: number, offset: 0, until: 0 });
    return { number, file };
  }

  /** Drops the oldest files until another one fits. @throws Error `ENOSPC` if it cannot fit */
  #makeRoom(): void {
    const { maxBytes, segmentBytes = SEGMENT_BYTES } = this.#options;
    const isFull = () => this.#total() + segmentBytes > maxBytes || !this.#diskHasRoom();
    for (const segment of [...this.#segments.keys()]) {
      if (!isFull()) return;
      this.#droppedSamples += this.#samplesLeft(segment);
      this.#remove(segment);
      this.#skipEmpty();
    }
    if (!this.#diskHasRoom()) {
      throw Object.assign(new Error('the disk has too little free space'), { code: 'ENOSPC' });
    }
  }

  #diskHasRoom(): boolean {
    const { directory, minFreeBytes, segmentBytes = SEGMENT_BYTES } = this.#options;
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize >= minFreeBytes + segmentBytes;
  }

  #total(): number {
    let bytes = 0;
    for (const size of this.#segments.values()) bytes += size;
    return bytes;
  }

  #samplesLeft(segment: number): number {
    const file = openSync(this.#pathOf(segment), 'r');
    try {
      let samples = 0;
      const size = this.#segments.get(segment) ?? 0;
      let at = segment === this.#head.segment ? this.#head.offset : 0;
      for (let header = readHeader(file, at, size); header !== null; header = readHeader(file, at, size)) {
        samples += header.samples;
        at += HEADER_BYTES + header.bodyLength;
      }
      return samples;
    } finally {
      closeSync(file);
    }
  }

  /** Removes files that have been sent, and moves on to the oldest one that has not. */
  #skipEmpty(): void {
    for (const [segment, size] of this.#segments) {
      const isSent = segment === this.#head.segment && this.#head.offset >= size;
      if (segment >= this.#head.segment && !isSent) {
        if (segment !== this.#head.segment) this.#moveTo({ segment, offset: 0, until: 0 });
        return;
      }
      if (segment === this.#active?.number) return;
      this.#remove(segment);
    }
  }

  #remove(segment: number): void {
    rmSync(this.#pathOf(segment), { force: true });
    this.#segments.delete(segment);
  }

  #moveTo(head: Position): void {
    this.#head = head;
    // In place and shorter than a sector: after a crash there is the old or the new one.
    writeSync(this.#positionFile, JSON.stringify(head).padEnd(POSITION_CHARACTERS), 0);
  }

  #pathOf(segment: number): string {
    return join(this.#options.directory, `${String(segment).padStart(12, '0')}${SUFFIX}`);
  }
}

function encodeRecord({ body, length, samples, atMs }: QueuedRecord): Buffer {
  const record = Buffer.alloc(HEADER_BYTES + body.length);
  record.writeUInt32LE(body.length, 0);
  record.writeUInt32LE(length, 8);
  record.writeUInt32LE(samples, 12);
  record.writeDoubleLE(atMs, 16);
  body.copy(record, HEADER_BYTES);
  record.writeUInt32LE(crc32(record.subarray(8)), 4);
  return record;
}

function readHeader(file: number, at: number, end: number) {
  if (at + HEADER_BYTES > end) return null;
  const header = Buffer.alloc(HEADER_BYTES);
  if (readSync(file, header, 0, HEADER_BYTES, at) < HEADER_BYTES) return null;
  const bodyLength = header.readUInt32LE(0);
  if (at + HEADER_BYTES + bodyLength > end) return null;
  return { header, bodyLength, samples: header.readUInt32LE(12) };
}

/** Returns `null` if there is no whole record. */
function readRecord(file: number, at: number, end: number): QueuedRecord | null {
  const found = readHeader(file, at, end);
  if (found === null) return null;
  const { header, bodyLength, samples } = found;
  const body = Buffer.alloc(bodyLength);
  if (readSync(file, body, 0, bodyLength, at + HEADER_BYTES) < bodyLength) return null;
  if (crc32(body, crc32(header.subarray(8))) !== header.readUInt32LE(4)) return null;
  return { body, length: header.readUInt32LE(8), samples, atMs: header.readDoubleLE(16) };
}

function sizeOf(path: string): number {
  const file = openSync(path, 'r');
  try {
    return fstatSync(file).size;
  } finally {
    closeSync(file);
  }
}

function readPosition(path: string): Position {
  try {
    const { segment, offset, until } = JSON.parse(readFileSync(path, 'utf8'));
    if ([segment, offset, until].every(Number.isSafeInteger)) return { segment, offset, until };
  } catch {
    // The first start, or a file that somebody edited: everything there is sent once more.
  }
  return { segment: 0, offset: 0, until: 0 };
}
