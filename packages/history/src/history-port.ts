import type {
  Annotation,
  Backfill,
  HistoryBlocks,
  HistoryStats,
  HostId,
  Measurements,
} from '@booner/protocol';
import type { HistoryMetric, HistoryTier, RankedMetric } from '@booner/protocol/history-metrics';
import type { RankedHost } from './block-store.ts';

/** A sample as it was received. */
export type ReceivedSample = {
  readonly host: string;
  /** Unix milliseconds by the hub's clock. */
  readonly atMs: number;
  readonly intervalMs: number;
  readonly measurements: Measurements;
};

export type HistoryRequest = {
  readonly host: string;
  /** Host in the answer; `null` for the main server. */
  readonly shownAs: HostId | null;
  /** Unix milliseconds; `toMs` is not included. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Highest number of points, 1 to 2000. */
  readonly points: number;
  /** Resolution to read and to answer in, whatever `points` is. Default: the one that fits. */
  readonly tier?: HistoryTier;
  readonly metrics: readonly HistoryMetric[];
};

export type BlocksRequest = {
  readonly tier: HistoryTier;
  /** Blocks that start within [fromMs, toMs). */
  readonly fromMs: number;
  readonly toMs: number;
  /** Host after which the page begins; `null`: the first one. */
  readonly after: string | null;
};

/** Minutes of samples as an agent keeps them. */
export type Missed = {
  /** Range that was missed, in Unix milliseconds by the hub's clock. */
  readonly fromMs: number;
  readonly toMs: number;
  /** The hub's clock minus the agent's. */
  readonly shiftMs: number;
  readonly backfill: Backfill;
};

export type RankRequest = {
  readonly metric: RankedMetric;
  /** Whole hours. */
  readonly fromMs: number;
  readonly toMs: number;
};

/**
 * The history of a fleet. Requests reject with a `HistoryError`; samples never do: what cannot be
 * stored is counted in the statistics.
 */
export type History = AsyncDisposable & {
  /** Takes a sample. Returns at once. Samples of one host MUST come in the order of their times. */
  append(sample: ReceivedSample): void;
  /** Adds a mark to the charts of a host. Returns at once. */
  annotate(host: string, annotation: Annotation): void;
  /**
   * Adds samples that were missed and are received late. Those that are known are left out.
   * @returns the number of samples in the range
   */
  addMissed(host: string, samples: Missed): Promise<number>;
  /** Start of the oldest stored block of a host, or of any (`null`); `null` without one. */
  reach(host: string | null): Promise<number | null>;
  /** Reads stored blocks, for another hub. @returns a `HistoryBlocks` as JSON in UTF-8 */
  exportBlocks(request: BlocksRequest): Promise<Uint8Array<ArrayBuffer>>;
  /** Adds blocks of another hub. Those that add nothing are left out. */
  importBlocks(blocks: HistoryBlocks): Promise<void>;
  /** Start of the newest stored minute of each host up to now; `null` without one. */
  newest(hosts: readonly string[]): Promise<readonly (number | null)[]>;
  /** Reads a range of a host. @returns a `SeriesHistory` as JSON in UTF-8 */
  query(request: HistoryRequest): Promise<Uint8Array<ArrayBuffer>>;
  rank(request: RankRequest): Promise<readonly RankedHost[]>;
  stats(): Promise<HistoryStats>;
  /** Writes a consistent copy to a file that does not exist yet. */
  backup(file: string): Promise<void>;
};
