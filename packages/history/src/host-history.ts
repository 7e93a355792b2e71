import { HourSums } from './hour-sums.ts';
import type { Layout } from './layout.ts';
import { OpenMinute } from './open-minute.ts';
import { blockStartOf, HOURLY_BLOCKS, RAW, TIERS, type Tier } from './tiers.ts';

/** What is held in memory of one host. */
export class HostHistory {
  readonly host: string;
  open: OpenMinute | null = null;
  /** The minute before, whose memory is used again. */
  #closed: OpenMinute | null = null;
  /** Starts of the rollups of each tier that are missing or outdated. */
  readonly #due: readonly Set<number>[] = TIERS.map(() => new Set<number>());
  /** Hours that are not stored yet, by their start. */
  readonly #hours = new Map<number, HourSums>();
  /** Hours of which only samples since the start of this process were counted. */
  readonly #partialHours = new Set<number>();
  /** Time of the last sample since the start of this process. */
  lastMs = Number.NEGATIVE_INFINITY;
  /** Nothing is to be done for this host before this time. */
  nextWorkMs = Number.NEGATIVE_INFINITY;

  constructor(host: string) {
    this.host = host;
  }

  /** Begins a minute with its first sample. */
  openMinute(startMs: number, layout: Layout): OpenMinute {
    this.open =
      this.#closed?.restart(startMs, layout) === true ? this.#closed : new OpenMinute(startMs, layout);
    return this.open;
  }

  /** Ends the open minute. Its memory stays as it is until the next one begins. */
  closeMinute(): void {
    this.#closed = this.open;
    this.open = null;
  }

  /** Starts of rollups of a tier, which were not made since data came, within [fromMs, toMs). */
  dueWithin(tier: Tier, fromMs: number, toMs: number): number[] {
    const starts = new Set(this.#due[tier.index]);
    if (this.open !== null && tier !== RAW) starts.add(blockStartOf(tier, this.open.startMs));
    return [...starts].filter((startMs) => startMs < toMs && startMs + tier.blockMs > fromMs);
  }

  /** Notes a rollup that was due when this process started: its samples are not known here. */
  loadDue(tier: Tier, startMs: number): void {
    this.addDue(tier, startMs);
    if (tier === HOURLY_BLOCKS) this.#partialHours.add(startMs);
  }

  /** @returns false if it was marked already */
  addDue(tier: Tier, startMs: number): boolean {
    const starts = this.#due[tier.index] as Set<number>;
    if (starts.has(startMs)) return false;
    starts.add(startMs);
    this.nextWorkMs = Number.NEGATIVE_INFINITY;
    return true;
  }

  removeDue(tier: Tier, startMs: number): void {
    this.#due[tier.index]?.delete(startMs);
    if (tier !== HOURLY_BLOCKS) return;
    this.#hours.delete(startMs);
    this.#partialHours.delete(startMs);
  }

  clearDue(): void {
    for (const starts of this.#due) starts.clear();
    this.nextWorkMs = Number.NEGATIVE_INFINITY;
  }

  /** Returns the next rollup that can be made: its data is complete. Finest first. */
  nextRollup(nowMs: number): { readonly tier: Tier; readonly startMs: number } | null {
    let nextMs = this.open === null ? Number.POSITIVE_INFINITY : this.open.startMs + RAW.blockMs;
    for (const tier of TIERS.slice(1)) {
      for (const startMs of this.#due[tier.index] ?? []) {
        const endMs = startMs + tier.blockMs;
        if (endMs > nowMs) nextMs = Math.min(nextMs, endMs);
        else if (!this.#waitsForData(tier, startMs)) return { tier, startMs };
      }
    }
    this.nextWorkMs = nextMs;
    return null;
  }

  #waitsForData(tier: Tier, startMs: number): boolean {
    if (this.open !== null && blockStartOf(tier, this.open.startMs) === startMs) return true;
    const finer = TIERS[tier.index - 1] as Tier;
    return this.dueWithin(finer, startMs, startMs + tier.blockMs).length > 0;
  }

  /** Adds a sample to its hour. */
  countRow(atMs: number, row: Float64Array): void {
    const startMs = blockStartOf(HOURLY_BLOCKS, atMs);
    let sums = this.#hours.get(startMs);
    if (sums === undefined) {
      sums = new HourSums();
      this.#hours.set(startMs, sums);
      if (this.#due[HOURLY_BLOCKS.index]?.has(startMs)) {
        this.#partialHours.add(startMs);
        this.nextWorkMs = Number.NEGATIVE_INFINITY;
      }
    }
    this.lastMs = atMs;
    sums.addRow(row);
  }

  /** Hours whose sums lack samples that are stored. */
  get partialHours(): readonly number[] {
    return [...this.#partialHours];
  }

  /** Takes note that samples were added to the block of an hour, which its sums lack. */
  forgetHour(minuteMs: number): void {
    this.#hours.delete(blockStartOf(HOURLY_BLOCKS, minuteMs));
  }

  /** Hours within [fromMs, toMs) that are not stored, or outdated there. */
  openHours(fromMs: number, toMs: number): number[] {
    return this.dueWithin(HOURLY_BLOCKS, fromMs, toMs);
  }

  /** Returns what is known of an hour that is not stored; `null` if samples are missing in it. */
  hourSums(startMs: number): HourSums | null {
    return this.#partialHours.has(startMs) ? null : (this.#hours.get(startMs) ?? null);
  }

  /** Replaces the sums of an hour by complete ones. */
  completeHour(startMs: number, sums: HourSums): void {
    this.#hours.set(startMs, sums);
    this.#partialHours.delete(startMs);
  }
}
