import type { Series } from '@booner/protocol/history-metrics';
import type { Layout, Row } from './layout.ts';
import type { Points } from './points.ts';

/** A minute of samples every 3 s, and one more, since they may come a little early. */
const INITIAL_ROWS = 21;

/** The samples of one host in the minute that has not been stored yet. */
export class OpenMinute {
  #startMs: number;
  #layout: Layout;
  #times = new Float64Array(INITIAL_ROWS);
  #values: Float64Array;
  #rows = 0;
  #intervalMs = 0;

  /** @param layout that of its first sample */
  constructor(startMs: number, layout: Layout) {
    this.#startMs = startMs;
    this.#layout = layout;
    this.#values = new Float64Array(INITIAL_ROWS * layout.width);
  }

  get startMs(): number {
    return this.#startMs;
  }

  /**
   * Begins another minute in the memory of this one, which is over.
   * @returns false if it has another layout
   */
  restart(startMs: number, layout: Layout): boolean {
    if (layout !== this.#layout) return false;
    this.#startMs = startMs;
    this.#rows = 0;
    this.#intervalMs = 0;
    return true;
  }

  /**
   * Takes a sample. Samples of one host come in the order of their times; one that is not later
   * than the last is dropped.
   * @returns false if it was dropped
   */
  add(atMs: number, intervalMs: number, { layout, values }: Row): boolean {
    if (this.#rows > 0 && atMs <= (this.#times[this.#rows - 1] as number)) return false;
    if (layout !== this.#layout) this.#extend(layout);
    if (this.#rows === this.#times.length) this.#grow(2 * this.#rows);
    this.#write(this.#rows, layout, values);
    this.#times[this.#rows++] = atMs;
    this.#intervalMs = Math.max(this.#intervalMs, intervalMs);
    return true;
  }

  points(wants: (series: Series) => boolean = () => true): Points {
    const rows = this.#rows;
    const { width, series } = this.#layout;
    return {
      intervalMs: this.#intervalMs,
      times: this.#times.slice(0, rows),
      counts: null,
      series,
      columns: series.map((one, column) => {
        if (!wants(one)) return null;
        const values = new Float64Array(rows);
        for (let row = 0; row < rows; row++) values[row] = this.#values[row * width + column] as number;
        return { avg: values, min: values, max: values, count: null };
      }),
    };
  }

  #grow(rows: number): void {
    const times = new Float64Array(rows);
    times.set(this.#times);
    this.#times = times;
    const values = new Float64Array(rows * this.#layout.width);
    values.set(this.#values);
    this.#values = values;
  }

  /** Writes a row of any layout. */
  #write(row: number, layout: Layout, values: Float64Array): void {
    const start = row * this.#layout.width;
    if (layout === this.#layout) {
      this.#values.set(values, start);
      return;
    }
    this.#values.fill(Number.NaN, start, start + this.#layout.width);
    for (const [column, place] of this.#layout.placesOf(layout).entries())
      if (place !== -1) this.#values[start + place] = values[column] as number;
  }

  /** Moves the rows into a layout that has the devices of another one too. */
  #extend(layout: Layout): void {
    const from = this.#layout;
    const to = from.including(layout);
    if (to === from) return;
    const before = this.#values;
    this.#layout = to;
    this.#values = new Float64Array(this.#times.length * to.width);
    for (let row = 0; row < this.#rows; row++)
      this.#write(row, from, before.subarray(row * from.width, (row + 1) * from.width));
  }
}
