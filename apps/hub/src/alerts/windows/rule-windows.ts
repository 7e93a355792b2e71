import type { AlertFunction } from '@booner/protocol';
import { average } from './average.ts';
import { maximum, minimum } from './extreme.ts';
import { fullIn } from './full-in.ts';
import { last } from './last.ts';
import { rate } from './rate.ts';
import type { WindowFunction } from './window-function.ts';

const FUNCTIONS = {
  avg: average,
  min: minimum,
  max: maximum,
  last,
  rate,
  full_in: fullIn,
} satisfies Record<AlertFunction, WindowFunction>;

/** Windows in one typed array. */
const PAGE_SLOTS = 1024;
/** Numbers of a window before its buckets: newest bucket, time of the first sample. */
const HEAD = 2;

/** Names the window of one subject. */
export type WindowSlot = number;

/**
 * `no_data`: the window has no sample. `too_short`: its samples span too little time for a result,
 * for example after the hub's start.
 */
export type WindowResult = number | 'no_data' | 'too_short';

/**
 * The windows of one rule over one metric, one for each subject. A window is a ring of buckets:
 * whatever its length, it takes 32 to 616 bytes, and adding a sample takes constant time. It covers
 * its length, plus up to one bucket.
 */
export class RuleWindows {
  readonly #function: WindowFunction;
  readonly #bucketMs: number;
  readonly #spanMs: number;
  readonly #limit: number;
  readonly #stride: number;
  readonly #starts: Uint32Array;
  readonly #pages: Float64Array[] = [];
  readonly #freeSlots: WindowSlot[] = [];
  #slots = 0;

  /** @param limit value at which the resource is used up; only `full_in` needs it */
  constructor(name: AlertFunction, overMs: number, limit: number | null) {
    this.#function = FUNCTIONS[name];
    const { buckets, fields, leastSpan } = this.#function;
    this.#bucketMs = overMs / buckets;
    this.#spanMs = overMs * leastSpan;
    this.#limit = limit ?? Number.NaN;
    this.#stride = HEAD + (buckets + 1) * fields;
    this.#starts = new Uint32Array(buckets + 1);
  }

  /** Opens an empty window. */
  open(): WindowSlot {
    const slot = this.#freeSlots.pop() ?? this.#slots++;
    const place = Math.floor(slot / PAGE_SLOTS);
    const page = this.#pages[place] ?? new Float64Array(PAGE_SLOTS * this.#stride);
    this.#pages[place] = page;
    const head = (slot % PAGE_SLOTS) * this.#stride;
    page.fill(Number.NaN, head, head + this.#stride);
    return slot;
  }

  /** Closes a window. Its slot is used again. */
  close(slot: WindowSlot): void {
    this.#freeSlots.push(slot);
  }

  /**
   * Adds a sample. Ignores one that is older than the newest bucket. If the clock was set back by
   * more than the window, it starts over.
   */
  add(slot: WindowSlot, timeMs: number, value: number): void {
    const { buckets, fields, add } = this.#function;
    const cells = this.#pages[Math.floor(slot / PAGE_SLOTS)]!;
    const head = (slot % PAGE_SLOTS) * this.#stride;
    const bucket = Math.floor(timeMs / this.#bucketMs);
    // NaN while the window is empty.
    const steps = bucket - cells[head]!;
    if (steps < 0 && steps >= -buckets) return;
    if (steps >= 0 && steps <= buckets) {
      for (let empty = bucket - steps + 1; empty <= bucket; empty += 1) {
        cells[head + HEAD + (empty % (buckets + 1)) * fields] = Number.NaN;
      }
    } else {
      cells.fill(Number.NaN, head, head + this.#stride);
      cells[head + 1] = timeMs;
    }
    cells[head] = bucket;
    add(cells, head + HEAD + (bucket % (buckets + 1)) * fields, value, timeMs);
  }

  /** Computes the function over the window that ends at `atMs`. */
  read(slot: WindowSlot, atMs: number): WindowResult {
    const { buckets, fields, read } = this.#function;
    const cells = this.#pages[Math.floor(slot / PAGE_SLOTS)]!;
    const head = (slot % PAGE_SLOTS) * this.#stride;
    const newest = cells[head]!;
    const oldest = Math.max(Math.floor(atMs / this.#bucketMs) - buckets, newest - buckets, 0);
    let count = 0;
    for (let bucket = oldest; bucket <= newest; bucket += 1) {
      const start = head + HEAD + (bucket % (buckets + 1)) * fields;
      if (!Number.isNaN(cells[start]!)) this.#starts[count++] = start;
    }
    if (count === 0) return 'no_data';
    if (atMs - cells[head + 1]! < this.#spanMs) return 'too_short';
    return read({ cells, starts: this.#starts, count }, atMs, this.#limit);
  }
}
