import type { Series } from '@booner/protocol/history-metrics';
import { Layout } from './layout.ts';
import type { Points } from './points.ts';
import type { SampledPart } from './sections.ts';

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

  constructor(startMs: number, sample: SampledPart) {
    this.#startMs = startMs;
    this.#layout = Layout.of(sample);
    this.#values = new Float64Array(INITIAL_ROWS * this.#layout.width);
  }

  get startMs(): number {
    return this.#startMs;
  }

  /**
   * Begins another minute in the memory of this one, which is over.
   * @returns false if the sample has other devices
   */
  restart(startMs: number, sample: SampledPart): boolean {
    if (!this.#layout.fits(sample)) return false;
    this.#startMs = startMs;
    this.#rows = 0;
    this.#intervalMs = 0;
    return true;
  }

  /**
   * Takes a sample. Samples of one host come in the order of their times; one that is not later
   * than the last is dropped.
   * @returns its values, valid until the next sample; `null` if it was dropped
   */
  add(atMs: number, intervalMs: number, sample: SampledPart): Float64Array | null {
    if (this.#rows > 0 && atMs <= (this.#times[this.#rows - 1] as number)) return null;
    if (!this.#layout.has(sample)) this.#extend(sample);
    if (this.#rows === this.#times.length) this.#grow(2 * this.#rows);
    const { width } = this.#layout;
    const row = this.#values.subarray(this.#rows * width, (this.#rows + 1) * width);
    this.#layout.write(row, sample);
    this.#times[this.#rows++] = atMs;
    this.#intervalMs = Math.max(this.#intervalMs, intervalMs);
    return row;
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

  /** Moves the rows into a layout that has the devices of a sample too. */
  #extend(sample: SampledPart): void {
    const from = this.#layout;
    const to = from.including(sample);
    const places = to.placesOf(from);
    const values = new Float64Array(this.#times.length * to.width).fill(Number.NaN);
    for (let row = 0; row < this.#rows; row++)
      for (const [column, place] of places.entries())
        values[row * to.width + place] = this.#values[row * from.width + column] as number;
    this.#layout = to;
    this.#values = values;
  }
}
