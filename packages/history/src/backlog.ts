import type { Backfill, BackfillLayout, Measurements } from '@booner/protocol';
import { encodeBlock } from './block-codec.ts';
import { type Layout, rowOf } from './layout.ts';
import { OpenMinute } from './open-minute.ts';
import { blockStartOf, RAW } from './tiers.ts';

const KEPT_MS = 2 * 3_600_000;
/** In base64 and with its layouts, it fits into a value of 256 KiB, the largest that hubs read. */
const MAX_BYTES = 160 * 1024;

type Kept = { readonly startMs: number; readonly layout: BackfillLayout; readonly data: Uint8Array };

/**
 * The last two hours of an agent's samples, in at most 160 KiB, for hubs that missed them. Times
 * are Unix milliseconds by the agent's clock.
 */
export class Backlog {
  #open: OpenMinute | null = null;
  /** That of the last sample. */
  #layout: Layout | undefined;
  #minutes: Kept[] = [];
  #bytes = 0;

  add(atMs: number, intervalMs: number, measurements: Measurements): void {
    const startMs = blockStartOf(RAW, atMs);
    const row = rowOf(measurements, this.#layout);
    this.#layout = row.layout;
    const open = this.#open;
    if (open !== null && open.startMs !== startMs) {
      this.#keep(open);
      if (!open.restart(startMs, row.layout)) this.#open = null;
    }
    this.#open ??= new OpenMinute(startMs, row.layout);
    this.#open.add(atMs, intervalMs, row);
  }

  /** Returns the minutes that touch [fromMs, toMs), oldest first. */
  minutes(fromMs: number, toMs: number): Backfill {
    const open = this.#open === null ? [] : [this.#encoded(this.#open)];
    const kept = [...this.#minutes, ...open].filter(
      ({ startMs }) => startMs < toMs && startMs + RAW.blockMs > fromMs,
    );
    const layouts = [...new Set(kept.map(({ layout }) => layout))];
    const minutes = kept.map(({ startMs, layout, data }) => ({
      startMs,
      layout: layouts.indexOf(layout),
      data: Buffer.from(data).toString('base64'),
    }));
    return { layouts, minutes };
  }

  #keep(minute: OpenMinute): void {
    const kept = this.#encoded(minute);
    this.#minutes.push(kept);
    this.#bytes += kept.data.byteLength;
    const isOld = ({ startMs }: Kept) => Math.abs(kept.startMs - startMs) > KEPT_MS;
    while (this.#bytes > MAX_BYTES || isOld(this.#minutes[0] as Kept))
      this.#bytes -= this.#minutes.shift()?.data.byteLength ?? 0;
  }

  #encoded(minute: OpenMinute): Kept {
    const points = minute.points();
    const layout = points.series.map(({ metric, device }): BackfillLayout[number] => [metric, device]);
    const last = this.#minutes.at(-1)?.layout;
    const isSame = JSON.stringify(last) === JSON.stringify(layout);
    const data = encodeBlock(points, minute.startMs);
    return { startMs: minute.startMs, layout: isSame ? (last as BackfillLayout) : layout, data };
  }
}
