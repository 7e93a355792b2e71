import {
  CLOCK_TOLERANCE_MS,
  HISTORY_RANGES_MS,
  type Measurements,
  MIN_INTERVAL_MS,
  SILENT_INTERVALS,
} from '@booner/protocol';
import {
  addGapTo,
  coresOf,
  emptyColumns,
  type HistoryChunks,
  type HistoryColumns,
  rowsPerChunk,
  type SomeColumns,
} from './history-chunks.ts';

/** Span of the longest range that can be asked for. */
const HISTORY_MS = HISTORY_RANGES_MS['15m'];
/** How much earlier than expected a sample may come, in intervals, before it is one too many. */
const EARLY_INTERVALS = 0.75;

/** The last 15 minutes of one host. Times are Unix milliseconds by the hub's clock. */
export class HistoryRing {
  readonly #memory: HistoryChunks;
  /** Oldest first. */
  readonly #chunks: number[] = [];
  /** When the last sample came, recorded or not. */
  #heardAtMs = Number.NEGATIVE_INFINITY;
  /** Time of the last row. */
  #rowAtMs = Number.NEGATIVE_INFINITY;
  #intervalMs = 0;
  /** One sample in so many is recorded. */
  #step = 1;

  constructor(memory: HistoryChunks) {
    this.#memory = memory;
  }

  /** Usual time between two rows; `null` without any. */
  get intervalMs(): number | null {
    return this.#chunks.length === 0 ? null : this.#step * this.#intervalMs;
  }

  /** Whether no row is worth keeping. */
  hasExpired(nowMs: number): boolean {
    return Math.abs(nowMs - this.#heardAtMs) > HISTORY_MS;
  }

  /**
   * Takes a sample that was just heard. One that comes too early for the resolution is passed over.
   * @param maxChunks what this host may take of the memory; when 15 minutes do not fit, the resolution gets coarser
   * @returns `false` when there was no memory for it
   */
  record(measurements: Measurements, intervalMs: number, nowMs: number, maxChunks: number): boolean {
    const forwardMs = nowMs - this.#heardAtMs;
    if (forwardMs > HISTORY_MS || forwardMs < -CLOCK_TOLERANCE_MS) this.clear();
    const endsGap = this.#isSilentAt(nowMs);
    if (endsGap && !this.#write(null, this.#silentFromMs(), maxChunks)) return false;
    this.#intervalMs = intervalMs;
    this.#step = stepOf(coresOf(measurements), intervalMs, maxChunks);
    const isDue = nowMs - this.#rowAtMs >= (this.#step - EARLY_INTERVALS) * intervalMs;
    if ((isDue || endsGap) && !this.#write(measurements, nowMs, maxChunks)) return false;
    this.#heardAtMs = Math.max(this.#heardAtMs, nowMs);
    return true;
  }

  /** The rows since a time, ending in a gap when the host is silent now. */
  read(sinceMs: number, nowMs: number): HistoryColumns {
    const cores = Math.max(0, ...this.#chunks.map((chunk) => this.#memory.cores(chunk)));
    return this.addTo(emptyColumns(cores), sinceMs, nowMs);
  }

  /** The same, of the columns that are there alone. @returns these columns */
  addTo<Columns extends SomeColumns>(columns: Columns, sinceMs: number, nowMs: number): Columns {
    const memory = this.#memory;
    for (const chunk of this.#chunks) {
      for (let row = 0; row < memory.rows(chunk); row++) {
        const atMs = this.#timeOf(chunk, row);
        if (atMs >= sinceMs) memory.addTo(columns, chunk, row, atMs);
      }
    }
    const silentFromMs = this.#silentFromMs();
    if (this.#isSilentAt(nowMs) && silentFromMs >= sinceMs) addGapTo(columns, silentFromMs);
    return columns;
  }

  /** Gives up the oldest rows, until no more chunks are held than that. */
  shrink(maxChunks: number): void {
    while (this.#chunks.length > maxChunks) this.#dropOldest();
  }

  clear(): void {
    this.shrink(0);
    this.#heardAtMs = Number.NEGATIVE_INFINITY;
    this.#rowAtMs = Number.NEGATIVE_INFINITY;
  }

  #isSilentAt(nowMs: number): boolean {
    return this.#chunks.length > 0 && nowMs - this.#heardAtMs > SILENT_INTERVALS * this.#intervalMs;
  }

  #silentFromMs(): number {
    return this.#heardAtMs + this.#intervalMs;
  }

  #write(measurements: Measurements | null, atMs: number, maxChunks: number): boolean {
    const chunk = this.#chunkFor(coresOf(measurements), atMs, maxChunks);
    if (chunk === null) return false;
    this.#memory.append(chunk, measurements, atMs);
    this.#rowAtMs = atMs;
    return true;
  }

  /** The last chunk while it has room, else a new one: for a host with more cores than it had, the rows are longer. */
  #chunkFor(cores: number, nowMs: number, maxChunks: number): number | null {
    const memory = this.#memory;
    const last = this.#chunks.at(-1);
    if (last !== undefined && !memory.isFull(last) && memory.cores(last) >= cores) return last;
    const space = cores === 0 && last !== undefined ? memory.cores(last) : cores; // unknown now, perhaps known again next
    this.#dropExpired(nowMs);
    this.shrink(Math.max(0, maxChunks - 1));
    let chunk = memory.take(space);
    if (chunk === null && this.#chunks.length > 0) {
      this.#dropOldest();
      chunk = memory.take(space);
    }
    if (chunk !== null) this.#chunks.push(chunk);
    return chunk;
  }

  #dropExpired(nowMs: number): void {
    for (let next = this.#chunks[1]; next !== undefined; next = this.#chunks[1]) {
      if (this.#timeOf(next, 0) > nowMs - HISTORY_MS) return;
      this.#dropOldest();
    }
  }

  #dropOldest(): void {
    const oldest = this.#chunks.shift();
    if (oldest !== undefined) this.#memory.give(oldest);
  }

  /** Neighbouring rows are at most 15 minutes apart, so that those of a ring span less than the 49 days of a 32-bit time. */
  #timeOf(chunk: number, row: number): number {
    return this.#rowAtMs - ((this.#rowAtMs - this.#memory.timeOf(chunk, row)) >>> 0);
  }
}

/** One sample in so many can be kept, if 15 minutes are to fit. A chunk less than all counts: the oldest expires row by row. */
function stepOf(cores: number, intervalMs: number, maxChunks: number): number {
  const rows = rowsPerChunk(cores) * Math.max(1, maxChunks - 1);
  const finestMs = Math.max(HISTORY_MS / rows, MIN_INTERVAL_MS);
  return Math.max(1, Math.ceil(finestMs / intervalMs));
}
