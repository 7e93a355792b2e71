import type { Annotation } from '@booner/protocol';
import type { RankedMetric, Series } from '@booner/protocol/history-metrics';

/** Place of a block. `tier` is its place in `TIERS`. */
export type BlockPlace = { readonly host: string; readonly tier: number; readonly startMs: number };

/** An encoded block. `series` is the order of its columns. */
export type Block = {
  readonly startMs: number;
  readonly series: readonly Series[];
  readonly data: Uint8Array;
};

/** Averages and maxima of one host in one hour; NaN where nothing was measured. */
export type HourSummary = {
  readonly samples: number;
  readonly avg: readonly number[];
  readonly max: readonly number[];
};

/** A host in a ranking, over all hours of a range. */
export type RankedHost = {
  readonly host: string;
  readonly samples: number;
  readonly avg: number;
  readonly max: number;
};

export type StoreSize = {
  /** Bytes in use, without pages that are free for new data. */
  readonly usedBytes: number;
  /** Bytes of the files on disk; 0 in memory. */
  readonly fileBytes: number;
  /** Bytes that are free on the file system; `null` if there is none. */
  readonly freeDiskBytes: number | null;
};

/**
 * Where blocks are kept. Synchronous: it runs in a worker thread. Writes belong to a transaction,
 * which the caller begins and commits; reads see what was written in it. Writing fails with a
 * `HistoryError` of code `disk` or `damaged`, and the caller then rolls back.
 */
export type BlockStore = Disposable & {
  begin(): void;
  commit(): void;
  /** Undoes what was written since `begin`. Does nothing without a transaction. */
  rollBack(): void;

  hosts(): readonly string[];
  /** Blocks of a host that start within [fromMs, toMs), oldest first. */
  read(host: string, tier: number, fromMs: number, toMs: number): Block[];
  /** Adds a block, or replaces the one at its place. */
  write(place: BlockPlace, block: Pick<Block, 'series' | 'data'>): void;
  /** Start of the oldest block of a tier, of one host or of all; `null` without blocks. */
  oldestMs(tier: number, host?: string): number | null;
  /** Start of the newest block of a tier of a host before a time; `null` without one. */
  newestMs(host: string, tier: number, beforeMs: number): number | null;
  /** Returns whether a tier has blocks that start within [fromMs, toMs). */
  hasBlocks(tier: number, fromMs: number, toMs: number): boolean;
  /**
   * Deletes up to `limit` blocks of a tier that start before a time.
   * @returns the number deleted
   */
  deleteBefore(tier: number, beforeMs: number, limit: number): number;

  /** Rollups that are missing or older than the data they are made from. */
  due(): readonly BlockPlace[];
  addDue(place: BlockPlace): void;
  removeDue(place: BlockPlace): void;

  /**
   * Deletes hosts and layouts for which no block was written since a time.
   * @returns the hosts
   */
  deleteUnusedBefore(beforeMs: number): readonly string[];

  writeHour(host: string, startMs: number, summary: HourSummary): void;
  deleteHour(host: string, startMs: number): void;
  rankHours(metric: RankedMetric, fromMs: number, toMs: number): RankedHost[];
  deleteHoursBefore(beforeMs: number): void;

  /** Adds an annotation. The same one, added again, is kept once. */
  annotate(host: string, annotation: Annotation): void;
  /** Annotations that touch [fromMs, toMs), in the order of their times. */
  annotations(host: string, fromMs: number, toMs: number): Annotation[];
  deleteAnnotationsBefore(beforeMs: number): void;

  size(): StoreSize;
  /** Writes a consistent copy to a file. */
  backUp(file: string): Promise<void>;
  /** Returns a few free pages to the file system. @returns true if there may be more */
  shrink(): boolean;
};
