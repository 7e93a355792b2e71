import { encodeBlock } from './block-codec.ts';
import type { Block, BlockPlace, BlockStore } from './block-store.ts';
import { decodeBlocks } from './decode-blocks.ts';
import type { HostHistories } from './host-histories.ts';
import type { HostHistory } from './host-history.ts';
import { mergeLive, mergeSamples } from './merge-samples.ts';
import type { OpenMinute } from './open-minute.ts';
import { RAW } from './tiers.ts';
import { markDue } from './write-rollups.ts';

/** A minute that is complete, and encoded. */
export type ClosedMinute = BlockPlace & Pick<Block, 'series' | 'data'>;

/** Minutes that wait while the store fails, in bytes. The oldest are dropped beyond. */
const MAX_WAITING_BYTES = 8 * 2 ** 20;

/** Writes minutes in transactions, and keeps them until they are committed. */
export class MinuteWriter {
  readonly #store: BlockStore;
  readonly #hosts: HostHistories;
  /** Minutes that are written, but not committed; or that wait for the store to work again. */
  #uncommitted: ClosedMinute[] = [];
  #uncommittedBytes = 0;
  #isWriting = false;
  #droppedMinutes = 0;

  constructor(store: BlockStore, hosts: HostHistories) {
    this.#store = store;
    this.#hosts = hosts;
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

  /** Begins a transaction, unless one has begun. */
  begin(): void {
    if (this.#isWriting) return;
    this.#store.begin();
    this.#isWriting = true;
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
    this.#hosts.loadDue();
  }

  /** Writes the minutes that wait after a failure. @throws HistoryError if it still fails */
  retry(): void {
    const waiting = this.#uncommitted;
    this.#uncommitted = [];
    this.#uncommittedBytes = 0;
    try {
      for (const minute of waiting) this.write(minute);
      this.commit();
    } catch (error) {
      this.#uncommitted = waiting;
      throw error;
    }
  }

  /** Keeps minutes that are over, without the store, while it fails. */
  hold(nowMs: number): void {
    for (const history of this.#hosts) {
      if (history.open === null || !isOver(history.open.startMs, nowMs)) continue;
      this.#keep(encoded(history.host, history.open));
      history.closeMinute();
    }
  }

  /** Writes the open minute of a host as it is. */
  close(history: HostHistory): void {
    const { open } = history;
    if (open === null) return;
    history.closeMinute();
    history.nextWorkMs = Number.NEGATIVE_INFINITY;
    this.#write(encoded(history.host, open), { isLive: true });
  }

  /** Writes a minute that is received late, joined with the part of it that is stored. */
  write(minute: ClosedMinute): void {
    this.#write(minute, { isLive: false });
  }

  #write(minute: ClosedMinute, { isLive }: { readonly isLive: boolean }): void {
    this.#keep(minute);
    this.begin();
    const { host, startMs } = minute;
    const [stored] = this.#store.read(host, RAW.index, startMs, startMs + RAW.blockMs);
    this.#store.write(minute, stored === undefined ? minute : joined(stored, minute, isLive));
    const history = this.#hosts.of(host);
    markDue(this.#store, history, startMs);
    if (stored !== undefined) history.forgetHour(startMs); // some samples may have been counted twice
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
}

export const isOver = (minuteMs: number, nowMs: number): boolean =>
  nowMs >= minuteMs + RAW.blockMs || nowMs < minuteMs; // the clock was set back

function encoded(host: string, open: OpenMinute): ClosedMinute {
  const points = open.points();
  const { startMs } = open;
  return { host, tier: RAW.index, startMs, series: points.series, data: encodeBlock(points, startMs) };
}

/** A minute of which a part is stored: a hub was restarted in it, or the clock was set back. */
function joined(stored: Block, minute: Block, isLive: boolean): Pick<Block, 'series' | 'data'> {
  const [before, after] = [decodeBlocks([stored])[0], decodeBlocks([minute])[0]];
  if (before === undefined || after === undefined) return minute;
  const points = (isLive ? mergeLive : mergeSamples)(before, after);
  return { series: points.series, data: encodeBlock(points, stored.startMs) };
}
