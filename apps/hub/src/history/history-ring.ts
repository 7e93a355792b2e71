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

/** Span of the longest range that can be requested. */
const HISTORY_MS = HISTORY_RANGES_MS['15m'];
/** A sample that arrives earlier than expected by more than this many intervals is not recorded. */
const EARLY_INTERVALS = 0.75;

/** The last 15 minutes of one host. Times are Unix milliseconds by the hub's clock. */
export class HistoryRing {
  readonly #memory: HistoryChunks;
  /** Oldest first. */
  readonly #chunks: number[] = [];
  /** Time of the last sample, recorded or not. */
  #lastReceivedAtMs = Number.NEGATIVE_INFINITY;
  /** Time of the last row. */
  #rowAtMs = Number.NEGATIVE_INFINITY;
  #intervalMs = 0;
  /** Records every n-th sample. */
  #step = 1;

  constructor(memory: HistoryChunks) {
    this.#memory = memory;
  }

  /** Usual time between two rows; `null` without rows. */
  get intervalMs(): number | null {
    return this.#chunks.length === 0 ? null : this.#step * this.#intervalMs;
  }

  /** True when every row is older than the longest range. */
  hasExpired(nowMs: number): boolean {
    return Math.abs(nowMs - this.#lastReceivedAtMs) > HISTORY_MS;
  }

  /**
   * Takes a sample that was just received. Skips one that is too early for the resolution.
   * @param maxChunks share of the memory; if 15 minutes do not fit, the resolution gets coarser
   * @returns `false` if there was no memory for it
   */
  record(measurements: Measurements, intervalMs: number, nowMs: number, maxChunks: number): boolean {
    const forwardMs = nowMs - this.#lastReceivedAtMs;
    if (forwardMs > HISTORY_MS || forwardMs < -CLOCK_TOLERANCE_MS) this.clear();
    const endsGap = this.#isSilentAt(nowMs);
    if (endsGap && !this.#write(null, this.#silentFromMs(), maxChunks)) return false;
    this.#intervalMs = intervalMs;
    this.#step = stepOf(coresOf(measurements), intervalMs, maxChunks);
    const isDue = nowMs - this.#rowAtMs >= (this.#step - EARLY_INTERVALS) * intervalMs;
    if ((isDue || endsGap) && !this.#write(measurements, nowMs, maxChunks)) return false;
    this.#lastReceivedAtMs = Math.max(this.#lastReceivedAtMs, nowMs);
    return true;
  }

  /** Returns the rows since a time, followed by a gap if the host is silent now. */
  read(sinceMs: number, nowMs: number): HistoryColumns {
    const cores = Math.max(0, ...this.#chunks.map((chunk) => this.#memory.cores(chunk)));
    return this.addTo(emptyColumns(cores), sinceMs, nowMs);
  }

  /** Adds the rows since a time to the columns that were requested. @returns these columns */
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

  /** Drops the oldest rows until at most `maxChunks` are held. */
  shrink(maxChunks: number): void {
    while (this.#chunks.length > maxChunks) this.#dropOldest();
  }

  clear(): void {
    this.shrink(0);
    this.#lastReceivedAtMs = Number.NEGATIVE_INFINITY;
    this.#rowAtMs = Number.NEGATIVE_INFINITY;
  }

  #isSilentAt(nowMs: number): boolean {
    return this.#chunks.length > 0 && nowMs - this.#lastReceivedAtMs > SILENT_INTERVALS * this.#intervalMs;
  }

  #silentFromMs(): number {
    return this.#lastReceivedAtMs + this.#intervalMs;
  }

  #write(measurements: Measurements | null, atMs: number, maxChunks: number): boolean {
    const chunk = this.#chunkFor(coresOf(measurements), atMs, maxChunks);
    if (chunk === null) return false;
    this.#memory.append(chunk, measurements, atMs);
    this.#rowAtMs = atMs;
    return true;
  }

  /**
   * Returns the last chunk while it has room, else a new one. A host that has got more cores needs
   * longer rows and thus a new chunk.
   */
  #chunkFor(cores: number, nowMs: number, maxChunks: number): number | null {
    const memory = this.#memory;
    const last = this.#chunks.at(-1);
    if (last !== undefined && !memory.isFull(last) && memory.cores(last) >= cores) return last;
    // Cores that are unknown now may be known again in the next sample.
    const space = cores === 0 && last !== undefined ? memory.cores(last) : cores;
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

  /**
   * Restores the full time of a row. Neighbouring rows are at most 15 minutes apart, so all rows of
   * a ring span less than the 49 days of a 32-bit time.
   */
  #timeOf(chunk: number, row: number): number {
    return this.#rowAtMs - ((this.#rowAtMs - this.#memory.timeOf(chunk, row)) >>> 0);
  }
}

/**
 * Returns n so that 15 minutes fit if every n-th sample is recorded. One chunk does not count: the
 * oldest expires row by row.
 */
function stepOf(cores: number, intervalMs: number, maxChunks: number): number {
  const rows = rowsPerChunk(cores) * Math.max(1, maxChunks - 1);
  const finestMs = Math.max(HISTORY_MS / rows, MIN_INTERVAL_MS);
  return Math.max(1, Math.ceil(finestMs / intervalMs));
}
