import type { Annotation } from '@booner/protocol';
import type { RankedMetric } from '@booner/protocol/history-metrics';
import type { BlockStore, RankedHost } from './block-store.ts';
import type { Wants } from './decode-blocks.ts';
import { HostHistories } from './host-histories.ts';
import type { HostHistory } from './host-history.ts';
import type { Layout } from './layout.ts';
import { isOver, MinuteWriter } from './minute-writer.ts';
import {
  addMissed,
  type ExportRange,
  exportBlocks,
  importBlock,
  type MissedSamples,
  type PlacedBlock,
} from './missed-history.ts';
import type { OpenMinute } from './open-minute.ts';
import type { Points } from './points.ts';
import { type PruneOptions, pruneBlocks } from './prune-blocks.ts';
import { collectPoints, hourSumsOf, rankHosts, type TimeRange } from './read-points.ts';
import type { SampleRow } from './sample-batch.ts';
import { blockStartOf, RAW, TIERS, type Tier } from './tiers.ts';
import { makeRollup, markDue } from './write-rollups.ts';

/**
 * The history of a fleet over a {@link BlockStore}: takes samples, stores each minute once it is
 * over, makes the rollups, and reads any range at any resolution.
 *
 * Rollups derive from stored blocks alone, and the store lists those that are due. So a crash loses
 * the minute that had not been stored, and a rollup that is made twice is the same.
 */
export class HistoryEngine {
  readonly #store: BlockStore;
  readonly #hosts: HostHistories;
  readonly #writer: MinuteWriter;

  constructor(store: BlockStore) {
    this.#store = store;
    this.#hosts = new HostHistories(store);
    this.#writer = new MinuteWriter(store, this.#hosts);
  }

  get hosts(): readonly string[] {
    return this.#hosts.names;
  }

  /** Minutes that were lost because the store failed for long. */
  get droppedMinutes(): number {
    return this.#writer.droppedMinutes;
  }

  /** True if something was written that is not committed yet. */
  get isWriting(): boolean {
    return this.#writer.isWriting;
  }

  /** True if a minute was written that is not committed yet. */
  get isStoring(): boolean {
    return this.#writer.isStoring;
  }

  /** Takes a sample that was received at `atMs` by the hub's clock. */
  append({ host, atMs, intervalMs, ...row }: SampleRow): void {
    const history = this.#hosts.of(host);
    const startMs = blockStartOf(RAW, atMs);
    if (history.open !== null && history.open.startMs !== startMs) this.#writer.close(history);
    const open = history.open ?? this.#openMinute(history, atMs, row.layout);
    if (open.add(atMs, intervalMs, row)) history.countRow(atMs, row.values);
  }

  #openMinute(history: HostHistory, atMs: number, layout: Layout): OpenMinute {
    const startMs = blockStartOf(RAW, atMs);
    if (atMs < history.lastMs) {
      // The clock was set back: what is stored of this time is outdated.
      this.#writer.begin();
      markDue(this.#store, history, startMs);
      history.forgetHour(startMs);
    }
    history.nextWorkMs = Math.min(history.nextWorkMs, startMs + RAW.blockMs);
    return history.openMinute(startMs, layout);
  }

  /**
   * Stores minutes that are over, makes rollups that are due, and reads what rankings need of hours
   * that are not over, until it is told to pause.
   * @returns true if there is more to do now
   * @throws HistoryError if the store fails; call {@link rollBack}
   */
  work(nowMs: number, isTimeUp: () => boolean): boolean {
    for (const history of this.#hosts) {
      if (history.nextWorkMs > nowMs) continue;
      if (history.open !== null && isOver(history.open.startMs, nowMs)) this.#writer.close(history);
      for (let next = history.nextRollup(nowMs); next !== null; next = history.nextRollup(nowMs)) {
        this.#writer.begin();
        makeRollup(this.#store, history, next);
        if (isTimeUp()) return true;
      }
      for (const startMs of history.partialHours) hourSumsOf(this.#store, history, startMs);
      if (isTimeUp()) return true;
    }
    return false;
  }

  /**
   * Deletes some of what is older than its tier is kept, and, beyond the size limit, the oldest of
   * the finest tier; returns some free space to the file system.
   * @returns true if there is more to delete
   */
  prune(nowMs: number, options: PruneOptions): boolean {
    this.#writer.begin();
    return pruneBlocks({ store: this.#store, hosts: this.#hosts }, nowMs, options);
  }

  /** Stores the open minutes as they are. A later part of such a minute is joined with it. */
  closeAll(): void {
    for (const history of this.#hosts) if (history.open !== null) this.#writer.close(history);
  }

  /** Commits what was written. @throws HistoryError if the store fails; call {@link rollBack} */
  commit(): void {
    this.#writer.commit();
  }

  /** Undoes what the store has not committed. Minutes are kept for {@link retry}. */
  rollBack(): void {
    this.#writer.rollBack();
  }

  /** Writes the minutes that wait after a failure. @throws HistoryError if it still fails */
  retry(): void {
    this.#writer.retry();
  }

  /** Keeps minutes that are over, without the store, while it fails. */
  hold(nowMs: number): void {
    this.#writer.hold(nowMs);
  }

  annotate(host: string, annotation: Annotation): void {
    this.#hosts.of(host);
    this.#writer.begin();
    this.#store.annotate(host, annotation);
  }

  annotations(host: string, { fromMs, toMs }: TimeRange): Annotation[] {
    return this.#store.annotations(host, fromMs, toMs);
  }

  /**
   * Adds samples that were missed, such as those that an agent kept during an outage. Samples that
   * are known already are left out.
   * @returns the number of samples that lie within the range
   */
  addMissed(host: string, missed: MissedSamples): number {
    return addMissed(this.#writer, this.#hosts.of(host), missed);
  }

  /** Returns the blocks of hosts after `after` in a range: whole hosts, about `bytes` in all. */
  exportBlocks(range: ExportRange): { blocks: PlacedBlock[]; next: string | null } {
    return exportBlocks(this.#store, this.hosts, range);
  }

  /** Takes a block of another hub, unless it adds nothing or is damaged. */
  importBlock(block: PlacedBlock): void {
    importBlock({ store: this.#store, hosts: this.#hosts, writer: this.#writer }, block);
  }

  /** Start of the oldest block of a tier; `null` without blocks. */
  oldestMs({ index }: Tier): number | null {
    return this.#store.oldestMs(index);
  }

  /** Returns the start of the oldest block of a host, or of any; `null` without one. */
  reachMs(host: string | null): number | null {
    const oldest = TIERS.map(({ index }) => this.#store.oldestMs(index, host ?? undefined)).filter(
      (ms) => ms !== null,
    );
    return oldest.length === 0 ? null : Math.min(...oldest);
  }

  /**
   * Returns the start of the newest stored minute of a host before a time; `null` without one.
   * Later ones are of a clock that was ahead.
   */
  newestMs(host: string, beforeMs: number): number | null {
    return this.#store.newestMs(host, RAW.index, beforeMs);
  }

  /** Returns what is known of a host in a range, at the resolution of a tier or finer. */
  collect(host: string, tier: Tier, range: TimeRange, wants?: Wants): Points[] {
    const history = this.#hosts.get(host);
    return history === undefined ? [] : collectPoints(this.#store, history, tier, range, wants);
  }

  /** Returns hosts with the average and maximum of a metric over the hours of [fromMs, toMs). */
  rank(metric: RankedMetric, fromMs: number, toMs: number): RankedHost[] {
    return rankHosts(this.#store, this.#hosts, metric, { fromMs, toMs });
  }
}
