import type { HistoryFigureName, Measurements, TargetHistory } from '@booner/protocol';
import { HISTORY_FIGURES, writeHistoryRow } from '@booner/protocol/figures';
import { ChunkPool } from './chunk-pool.ts';

/** Cores beyond this number are not recorded, so that three rows always fit into a chunk. */
const MAX_CORES = 256;
/**
 * The use of a core takes a byte: 0 to 200 stand for 0 to 1. A chart of whole percents does not
 * show the steps.
 */
const CORE_STEPS = 200;
const UNKNOWN_CORE = 255;
/** The time and the figures. */
const ROW_WORDS = 1 + HISTORY_FIGURES.length;
/** A header word (numbers of rows and cores) and 16 rows of a host without cores. */
const CHUNK_WORDS = 1 + 16 * ROW_WORDS;

/** The columns of a history while they are being filled. */
export type HistoryColumns = Pick<TargetHistory, 'times' | 'coreUsageRatios' | HistoryFigureName>;

/** The columns that were requested. */
export type SomeColumns = Partial<HistoryColumns> & Pick<HistoryColumns, 'times'>;

export const coresOf = (measurements: Measurements | null): number =>
  Math.min(measurements?.cpu?.cores.length ?? 0, MAX_CORES);

/** Returns the number of samples that fit into a chunk. */
export const rowsPerChunk = (cores: number): number => Math.floor((CHUNK_WORDS - 1) / wordsOfRow(cores));

const wordsOfRow = (cores: number): number => ROW_WORDS + Math.ceil(cores / 4);

/** Stores the rows of all histories: 64 bytes per sample and a byte per core. */
export class HistoryChunks {
  readonly #pool: ChunkPool;

  constructor(maxBytes: number) {
    this.#pool = new ChunkPool(CHUNK_WORDS, maxBytes);
  }

  get maxChunks(): number {
    return this.#pool.maxChunks;
  }

  /** @returns an empty chunk, or `null` if all are taken */
  take(cores: number): number | null {
    const chunk = this.#pool.take();
    if (chunk !== null) this.#pool.slabOf(chunk).integers[this.#pool.startOf(chunk)] = cores << 16;
    return chunk;
  }

  give(chunk: number): void {
    this.#pool.give(chunk);
  }

  cores(chunk: number): number {
    return this.#header(chunk) >>> 16;
  }

  rows(chunk: number): number {
    return this.#header(chunk) & 0xffff;
  }

  isFull(chunk: number): boolean {
    return this.rows(chunk) === rowsPerChunk(this.cores(chunk));
  }

  /** Returns the time of a row, in milliseconds modulo 2^32. */
  timeOf(chunk: number, row: number): number {
    const place = this.#pool.startOf(chunk) + 1 + row * wordsOfRow(this.cores(chunk));
    return this.#pool.slabOf(chunk).integers[place] as number;
  }

  /** Adds a row to a chunk that is not full. @param measurements `null` for a time without data */
  append(chunk: number, measurements: Measurements | null, atMs: number): void {
    const { floats, integers, bytes } = this.#pool.slabOf(chunk);
    const start = this.#pool.startOf(chunk);
    const header = integers[start] as number;
    const cores = header >>> 16;
    const row = start + 1 + (header & 0xffff) * wordsOfRow(cores);
    integers[row] = atMs >>> 0;
    if (measurements === null) floats.fill(Number.NaN, row + 1, row + ROW_WORDS);
    else writeHistoryRow(floats, row + 1, measurements);
    const usedCores = measurements?.cpu?.cores ?? [];
    const firstByte = 4 * (row + ROW_WORDS);
    for (let i = 0; i < cores; i++) {
      const core = usedCores[i];
      bytes[firstByte + i] = core === undefined ? UNKNOWN_CORE : Math.round(core.usageRatio * CORE_STEPS);
    }
    integers[start] = header + 1;
  }

  /** Adds a row of a chunk to the columns that were requested. */
  addTo(columns: SomeColumns, chunk: number, row: number, atMs: number): void {
    const { floats, bytes } = this.#pool.slabOf(chunk);
    const cores = this.cores(chunk);
    const place = this.#pool.startOf(chunk) + 1 + row * wordsOfRow(cores);
    columns.times.push(atMs);
    for (const [i, { name, decimals }] of HISTORY_FIGURES.entries()) {
      columns[name]?.push(rounded(floats[place + 1 + i] as number, decimals));
    }
    if (columns.coreUsageRatios === undefined) return;
    const firstByte = 4 * (place + ROW_WORDS);
    for (const [core, column] of columns.coreUsageRatios.entries()) {
      const steps = core < cores ? (bytes[firstByte + core] as number) : UNKNOWN_CORE;
      column.push(steps === UNKNOWN_CORE ? null : rounded(steps / CORE_STEPS, 3));
    }
  }

  #header(chunk: number): number {
    return this.#pool.slabOf(chunk).integers[this.#pool.startOf(chunk)] as number;
  }
}

/** Returns columns without rows. */
export function emptyColumns(cores: number): HistoryColumns {
  const figures = Object.fromEntries(HISTORY_FIGURES.map(({ name }) => [name, []]));
  return {
    ...(figures as unknown as Omit<HistoryColumns, 'times' | 'coreUsageRatios'>),
    times: [],
    coreUsageRatios: Array.from({ length: cores }, () => []),
  };
}

/** Adds a row of nulls. */
export function addGapTo(columns: SomeColumns, atMs: number): void {
  columns.times.push(atMs);
  for (const { name } of HISTORY_FIGURES) columns[name]?.push(null);
  for (const column of columns.coreUsageRatios ?? []) column.push(null);
}

/** Returns `null` for values that JSON cannot represent. */
function rounded(figure: number, decimals: number): number | null {
  if (!Number.isFinite(figure)) return null;
  const scale = 10 ** decimals;
  return Math.round(figure * scale) / scale;
}
