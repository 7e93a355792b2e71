import type { Annotation } from '@booner/protocol';
import { RANKED_METRICS, type RankedMetric, type Series } from '@booner/protocol/history-metrics';
import { parseHostId } from '@booner/protocol/host-id';
import { decodeBlock, encodeBlock } from './block-codec.ts';
import type { Block, BlockPlace, BlockStore, RankedHost } from './block-store.ts';
import { HostHistory } from './host-history.ts';
import { HourSums } from './hour-sums.ts';
import type { Layout } from './layout.ts';
import { mergeSamples, samplesWithin } from './merge-samples.ts';
import type { OpenMinute } from './open-minute.ts';
import { type Points, rowsOf } from './points.ts';
import { rollUp } from './roll-up.ts';
import type { SampleRow } from './sample-batch.ts';
import {
  blockStartOf,
  HOURLY_BLOCKS,
  longestKeepMs,
  RAW,
  type Retention,
  TIERS,
  type Tier,
} from './tiers.ts';

/** A minute that is complete, and encoded. */
type ClosedMinute = BlockPlace & Pick<Block, 'series' | 'data'>;

export type PlacedBlock = BlockPlace & Block;

export type ExportRange = {
  readonly tier: Tier;
  /** Blocks that start within [fromMs, toMs). */
  readonly fromMs: number;
  readonly toMs: number;
  readonly after: string | null;
  readonly bytes: number;
};

export type PruneOptions = { readonly retention: Retention; readonly maxBytes: number };

export type MissedSamples = {
  /** Samples outside of the range are left out. */
  readonly fromMs: number;
  readonly toMs: number;
  /** To be added to the times in the blocks. */
  readonly shiftMs: number;
  readonly minutes: readonly Block[];
};

export type Wants = (series: Series) => boolean;

/** Minutes that wait while the store fails, in bytes. The oldest are dropped beyond. */
const MAX_WAITING_BYTES = 8 * 2 ** 20;

/** Most blocks that one step of pruning deletes. */
const MAX_DELETED = 500;
/** Blocks of each host that one step of eviction deletes. */
const EVICTED_BLOCKS = 5;

/** Per-core values are kept at full resolution only: they are half of the data of large hosts. */
const keepsAt = (tier: Tier, { metric }: Series): boolean => tier.index < 2 || metric !== 'coreUsageRatio';

/**
 * The history of a fleet over a {@link BlockStore}: takes samples, stores each minute once it is
 * over, makes the rollups, and reads any range at any resolution.
 *
 * Rollups derive from stored blocks alone, and the store lists those that are due. So a crash loses
 * the minute that had not been stored, and a rollup that is made twice is the same.
 */
export class HistoryEngine {
  readonly #store: BlockStore;
  readonly #hosts = new Map<string, HostHistory>();
  /** Minutes that are written, but not committed; or that wait for the store to work again. */
  #uncommitted: ClosedMinute[] = [];
  #uncommittedBytes = 0;
  #isWriting = false;
  #droppedMinutes = 0;

  constructor(store: BlockStore) {
    this.#store = store;
    for (const host of store.hosts()) this.#hostOf(host);
    this.#loadDue();
  }

  get hosts(): readonly string[] {
    return [...this.#hosts.keys()];
  }

  /** Minutes that were lost because the store failed for long. */
  get droppedMinutes(): number {
    return this.#droppedMinutes;
  }

  /** True if something was written that is not committed yet. */
  get isWriting(): boolean {
    return this.#isWriting;
  }

  /** True if a minute was written that is not committed yet. */
  get isStoring(): boolean {
    return this.#isWriting && this.#uncommitted.length > 0;
  }

  /** Takes a sample that was received at `atMs` by the hub's clock. */
  append({ host, atMs, intervalMs, ...row }: SampleRow): void {
    const history = this.#hostOf(host);
    const startMs = blockStartOf(RAW, atMs);
    if (history.open !== null && history.open.startMs !== startMs) this.#close(history);
    const open = history.open ?? this.#openMinute(history, atMs, row.layout);
    if (open.add(atMs, intervalMs, row)) history.countRow(atMs, row.values);
  }

  /**
   * Stores minutes that are over, makes rollups that are due, and reads what rankings need of hours
   * that are not over, until it is told to pause.
   * @returns true if there is more to do now
   * @throws HistoryError if the store fails; call {@link rollBack}
   */
  work(nowMs: number, isTimeUp: () => boolean): boolean {
    for (const history of this.#hosts.values()) {
      if (history.nextWorkMs > nowMs) continue;
      if (history.open !== null && isOver(history.open.startMs, nowMs)) this.#close(history);
      for (let next = history.nextRollup(nowMs); next !== null; next = history.nextRollup(nowMs)) {
        this.#makeRollup(history, next.tier, next.startMs);
        if (isTimeUp()) return true;
      }
      for (const startMs of history.partialHours) this.#hourOf(history, startMs);
      if (isTimeUp()) return true;
    }
    return false;
  }

  /**
   * Deletes some of what is older than its tier is kept, and, beyond the size limit, the oldest of
   * the finest tier; returns some free space to the file system.
   * @returns true if there is more to delete
   */
  prune(nowMs: number, { retention, maxBytes }: PruneOptions): boolean {
    this.#beginWriting();
    for (const tier of TIERS) {
      const beforeMs = nowMs - retention[tier.name] - tier.blockMs;
      if (this.#store.deleteBefore(tier.index, beforeMs, MAX_DELETED) === MAX_DELETED) return true;
    }
    this.#store.deleteHoursBefore(nowMs - retention['1h']);
    this.#store.deleteAnnotationsBefore(nowMs - retention['1h']);
    for (const host of this.#store.deleteUnusedBefore(nowMs - longestKeepMs(retention)))
      this.#hosts.delete(host);
    if (this.#store.size().usedBytes > maxBytes && this.#evict(nowMs)) return true;
    return this.#store.shrink();
  }

  /** Deletes the oldest blocks of the finest tier that has more than the next one needs. */
  #evict(nowMs: number): boolean {
    for (const tier of TIERS) {
      const oldestMs = this.#store.oldestMs(tier.index);
      if (oldestMs === null || oldestMs >= nowMs - tier.minKeepMs) continue;
      const beforeMs = Math.min(oldestMs + EVICTED_BLOCKS * tier.blockMs, nowMs - tier.minKeepMs);
      if (this.#store.deleteBefore(tier.index, beforeMs, MAX_DELETED) > 0) return true;
    }
    return false;
  }

  /** Stores the open minutes as they are. A later part of such a minute is joined with it. */
  closeAll(): void {
    for (const history of this.#hosts.values()) if (history.open !== null) this.#close(history);
  }

  /** Commits what was written. @throws HistoryError if the store fails; call {@link rollBack} */
  commit(): void {
    if (!this.#isWriting) return;
    this.#store.commit();
    this.#isWriting = false;
    this.#uncommitted = [];
    this.#uncommittedBytes = 0;
  }

  /** Undoes what the store has not committed. Minutes are kept for {@link retry}. */
  rollBack(): void {
    this.#isWriting = false;
    this.#store.rollBack();
    this.#loadDue();
  }

  /** Writes the minutes that wait after a failure. @throws HistoryError if it still fails */
  retry(): void {
    const waiting = this.#uncommitted;
    this.#uncommitted = [];
    this.#uncommittedBytes = 0;
    try {
      for (const minute of waiting) this.#write(minute);
      this.commit();
    } catch (error) {
      this.#uncommitted = waiting;
      throw error;
    }
  }

  /** Keeps minutes that are over, without the store, while it fails. */
  hold(nowMs: number): void {
    for (const history of this.#hosts.values()) {
      if (history.open === null || !isOver(history.open.startMs, nowMs)) continue;
      this.#keep(encoded(history.host, history.open));
      history.closeMinute();
    }
  }

  annotate(host: string, annotation: Annotation): void {
    this.#hostOf(host);
    this.#beginWriting();
    this.#store.annotate(host, annotation);
  }

  annotations(
    host: string,
    { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  ): Annotation[] {
    return this.#store.annotations(host, fromMs, toMs);
  }

  /**
   * Adds samples that were missed, such as those that an agent kept during an outage. Samples that
   * are known already are left out.
   * @returns the number of samples that lie within the range
   */
  addMissed(host: string, { fromMs, toMs, shiftMs, minutes }: MissedSamples): number {
    const shifted = decoded(minutes).map((points) => ({
      ...points,
      times: points.times.map((atMs) => atMs + shiftMs),
    }));
    const history = this.#hostOf(host);
    let added = 0;
    for (let startMs = blockStartOf(RAW, fromMs); startMs < toMs; startMs += RAW.blockMs) {
      const start = Math.max(fromMs, startMs);
      const points = samplesWithin(shifted, start, Math.min(toMs, startMs + RAW.blockMs));
      if (points.times.length === 0) continue;
      added += points.times.length;
      this.#write({
        host,
        tier: RAW.index,
        startMs,
        series: points.series,
        data: encodeBlock(points, startMs),
      });
      history.forgetHour(startMs);
    }
    history.nextWorkMs = Number.NEGATIVE_INFINITY;
    return added;
  }

  /** Returns the blocks of hosts after `after` in a range: whole hosts, about `bytes` in all. */
  exportBlocks({ tier, fromMs, toMs, after, bytes }: ExportRange): {
    blocks: PlacedBlock[];
    next: string | null;
  } {
    const blocks: PlacedBlock[] = [];
    let found = 0;
    for (const host of this.#hostsAfter(after)) {
      if (found >= bytes) return { blocks, next: blocks.at(-1)?.host ?? null };
      for (const block of this.#store.read(host, tier.index, fromMs, toMs)) {
        blocks.push({ ...block, host, tier: tier.index });
        found += block.data.byteLength;
      }
    }
    return { blocks, next: null };
  }

  /** Host ids in their order; the hub's own machine is none. */
  #hostsAfter(after: string | null): string[] {
    const isNext = (host: string) => parseHostId(host) !== null && (after === null || host > after);
    return this.hosts.filter(isNext).toSorted();
  }

  /**
   * Takes a block of another hub, unless it is damaged or a known one has as many samples. Samples
   * of a minute are joined with those that are known.
   */
  importBlock({ host, tier: index, ...block }: PlacedBlock): void {
    const tier = TIERS[index] as Tier;
    const [points] = decoded([block]);
    const endMs = block.startMs + tier.blockMs;
    if (points === undefined || block.startMs % tier.blockMs !== 0) return;
    if (points.times.some((atMs) => atMs < block.startMs || atMs >= endMs)) return;
    const place = { host, tier: index, startMs: block.startMs };
    const history = this.#hostOf(host);
    if (tier === RAW) {
      this.#write({ ...place, ...block });
      history.forgetHour(block.startMs);
    } else this.#storeRollup(place, points);
    history.nextWorkMs = Number.NEGATIVE_INFINITY;
  }

  /** Stores a rollup, joined with the one at its place: that may have points of deleted samples. */
  #storeRollup(place: BlockPlace, made: Points): void {
    this.#beginWriting();
    const { host, tier: index, startMs } = place;
    const tier = TIERS[index] as Tier;
    const [before] = decoded(this.#store.read(host, index, startMs, startMs + tier.blockMs));
    const rolled = before === undefined ? made : rollUp(fullest(before, made), optionsOf(tier, startMs));
    this.#store.write(place, { series: rolled.series, data: encodeBlock(rolled, startMs) });
    if (tier !== HOURLY_BLOCKS) return;
    const sums = new HourSums();
    sums.addPoints(rolled);
    this.#store.writeHour(host, startMs, sums.summary());
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

  /** Returns the start of the newest stored minute of a host; `null` without one. */
  newestMs(host: string): number | null {
    return this.#store.newestMs(host, RAW.index);
  }

  /** Returns what is known of a host in a range, at the resolution of a tier or finer. */
  collect(
    host: string,
    tier: Tier,
    range: { readonly fromMs: number; readonly toMs: number },
    wants?: Wants,
  ): Points[] {
    const history = this.#hosts.get(host);
    return history === undefined ? [] : this.#collect(history, tier, range.fromMs, range.toMs, wants);
  }

  /** Returns hosts with the average and maximum of a metric over the hours of [fromMs, toMs). */
  rank(metric: RankedMetric, fromMs: number, toMs: number): RankedHost[] {
    const index = RANKED_METRICS.indexOf(metric);
    const ranked = new Map(this.#store.rankHours(metric, fromMs, toMs).map((one) => [one.host, one]));
    for (const history of this.#hosts.values()) {
      for (const startMs of history.openHours(fromMs, toMs)) {
        const { samples, avg, max } = this.#hourOf(history, startMs).summary();
        const value = avg[index] as number;
        if (Number.isNaN(value)) continue;
        const before = ranked.get(history.host);
        const total = samples + (before?.samples ?? 0);
        ranked.set(history.host, {
          host: history.host,
          samples: total,
          avg: (value * samples + (before === undefined ? 0 : before.avg * before.samples)) / total,
          max: Math.max(max[index] as number, before?.max ?? Number.NEGATIVE_INFINITY),
        });
      }
    }
    return [...ranked.values()];
  }

  #collect(history: HostHistory, tier: Tier, fromMs: number, toMs: number, wants?: Wants): Points[] {
    const due = history.dueWithin(tier, fromMs, toMs);
    const blocks = this.#store.read(history.host, tier.index, blockStartOf(tier, fromMs), toMs);
    const { open } = history;
    const isOpen = ({ startMs }: Block) => tier === RAW && startMs === open?.startMs;
    const found = decoded(
      blocks.filter((block) => !due.includes(block.startMs) && !isOpen(block)),
      wants,
    );
    if (tier === RAW) {
      if (open === null || open.startMs >= toMs || open.startMs + RAW.blockMs <= fromMs) return found;
      const [stored] = decoded(blocks.filter(isOpen), wants);
      return [...found, stored === undefined ? open.points(wants) : mergeSamples(stored, open.points(wants))];
    }
    const finer = TIERS[tier.index - 1] as Tier;
    for (const startMs of due) {
      const part = this.#collect(
        history,
        finer,
        Math.max(fromMs, startMs),
        Math.min(toMs, startMs + tier.blockMs),
        wants,
      );
      found.push(...part);
    }
    return found;
  }

  #hourOf(history: HostHistory, startMs: number): HourSums {
    const known = history.hourSums(startMs);
    if (known !== null) return known;
    const sums = new HourSums();
    const wants: Wants = ({ metric, device }) =>
      device === null && (RANKED_METRICS as readonly string[]).includes(metric);
    const finer = TIERS[HOURLY_BLOCKS.index - 1] as Tier;
    for (const points of this.#collect(history, finer, startMs, startMs + HOURLY_BLOCKS.blockMs, wants))
      sums.addPoints(points);
    history.completeHour(startMs, sums);
    return sums;
  }

  #openMinute(history: HostHistory, atMs: number, layout: Layout): OpenMinute {
    const startMs = blockStartOf(RAW, atMs);
    if (atMs < history.lastMs) {
      // The clock was set back: what is stored of this time is outdated.
      this.#markDue(history, startMs);
      history.forgetHour(startMs);
    }
    history.nextWorkMs = Math.min(history.nextWorkMs, startMs + RAW.blockMs);
    return history.openMinute(startMs, layout);
  }

  #close(history: HostHistory): void {
    const { open } = history;
    if (open === null) return;
    history.closeMinute();
    history.nextWorkMs = Number.NEGATIVE_INFINITY;
    this.#write(encoded(history.host, open));
  }

  #write(minute: ClosedMinute): void {
    this.#keep(minute);
    this.#beginWriting();
    const { host, startMs } = minute;
    const [stored] = this.#store.read(host, RAW.index, startMs, startMs + RAW.blockMs);
    this.#store.write(minute, stored === undefined ? minute : joined(stored, minute));
    const history = this.#hostOf(host);
    this.#markDue(history, startMs);
    if (stored !== undefined) history.forgetHour(startMs); // some samples may have been counted twice
  }

  /** Marks the rollups of a minute as outdated, and deletes the averages of its hour. */
  #markDue(history: HostHistory, minuteMs: number): void {
    this.#beginWriting();
    const { host } = history;
    for (const tier of TIERS.slice(1)) {
      const startMs = blockStartOf(tier, minuteMs);
      if (!history.addDue(tier, startMs)) continue;
      this.#store.addDue({ host, tier: tier.index, startMs });
      if (tier === HOURLY_BLOCKS) this.#store.deleteHour(host, startMs);
    }
  }

  #makeRollup(history: HostHistory, tier: Tier, startMs: number): void {
    this.#beginWriting();
    const { host } = history;
    const finer = TIERS[tier.index - 1] as Tier;
    const endMs = startMs + tier.blockMs;
    const blocks = this.#store.read(host, finer.index, startMs, endMs);
    const points = decoded(blocks);
    const place = { host, tier: tier.index, startMs };
    if (points.length > 0) this.#storeRollup(place, rollUp(points, optionsOf(tier, startMs)));
    this.#store.removeDue(place);
    history.removeDue(tier, startMs);
  }

  #beginWriting(): void {
    if (this.#isWriting) return;
    this.#store.begin();
    this.#isWriting = true;
  }

  #keep(minute: ClosedMinute): void {
    this.#uncommitted.push(minute);
    this.#uncommittedBytes += minute.data.byteLength;
    while (this.#uncommittedBytes > MAX_WAITING_BYTES) {
      const oldest = this.#uncommitted.shift();
      this.#uncommittedBytes -= oldest?.data.byteLength ?? 0;
      if (!this.#isWriting) this.#droppedMinutes++;
    }
  }

  #loadDue(): void {
    for (const history of this.#hosts.values()) history.clearDue();
    for (const { host, tier, startMs } of this.#store.due())
      this.#hostOf(host).loadDue(TIERS[tier] as Tier, startMs);
  }

  #hostOf(host: string): HostHistory {
    const known = this.#hosts.get(host);
    if (known !== undefined) return known;
    const history = new HostHistory(host);
    this.#hosts.set(host, history);
    return history;
  }
}

const isOver = (minuteMs: number, nowMs: number): boolean =>
  nowMs >= minuteMs + RAW.blockMs || nowMs < minuteMs; // the clock was set back

function encoded(host: string, open: OpenMinute): ClosedMinute {
  const points = open.points();
  const { startMs } = open;
  return { host, tier: RAW.index, startMs, series: points.series, data: encodeBlock(points, startMs) };
}

/** A minute of which a part is stored: a hub was restarted in it, or the clock was set back. */
function joined(stored: Block, minute: Block): Pick<Block, 'series' | 'data'> {
  const [before, after] = [decoded([stored])[0], decoded([minute])[0]];
  if (before === undefined || after === undefined) return minute;
  const points = mergeSamples(before, after);
  return { series: points.series, data: encodeBlock(points, stored.startMs) };
}

const optionsOf = (tier: Tier, startMs: number) => ({
  fromMs: startMs,
  toMs: startMs + tier.blockMs,
  stepMs: tier.stepMs,
  wants: (series: Series) => keepsAt(tier, series),
});

/**
 * Chooses, of two rollups of a block, the points that more samples are behind: the older one has
 * points whose samples were deleted since.
 */
function fullest(before: Points, made: Points): Points[] {
  const countOf = ({ times, counts }: Points) => {
    const found = new Map(Array.from(times, (atMs, row) => [atMs, counts?.[row] ?? 0]));
    return (atMs: number) => found.get(atMs) ?? 0;
  };
  const [inBefore, inMade] = [countOf(before), countOf(made)];
  return [
    rowsOf(before, (atMs) => inBefore(atMs) > inMade(atMs)),
    rowsOf(made, (atMs) => inMade(atMs) >= inBefore(atMs)),
  ];
}

/** Leaves out damaged blocks: a gap is better than no history. */
const decoded = (blocks: readonly Block[], wants?: Wants): Points[] =>
  blocks.map((block) => decodeBlock(block.data, { ...block, wants })).filter((points) => points !== null);
