import type { ReceivedSample } from './history-port.ts';
import { Layout, type Row } from './layout.ts';

/**
 * Samples on their way to the worker, as rows of numbers: passing on a text or an object of each
 * costs several times as much.
 */
export type SampleBatch = {
  /** Host of each sample. */
  readonly hosts: readonly string[];
  /** Keys of the layouts in this batch. */
  readonly layouts: readonly string[];
  /** Of each sample: its time, its interval, the index of its layout, and its row. */
  readonly numbers: Float64Array<ArrayBuffer>;
};

/** A sample as numbers. `values` is valid until the next one. */
export type SampleRow = Row & Pick<ReceivedSample, 'host' | 'atMs' | 'intervalMs'>;

const HEAD = 3;
const INITIAL_NUMBERS = 2 ** 14;
/** Hosts whose last layout is kept. It is found again for the others. */
const MAX_HOSTS = 100_000;

export class BatchWriter {
  readonly #lastLayouts = new Map<string, Layout>();
  #hosts: string[] = [];
  readonly #layouts = new Map<Layout, number>();
  #numbers = new Float64Array(INITIAL_NUMBERS);
  #length = 0;

  get size(): number {
    return this.#hosts.length;
  }

  add({ host, atMs, intervalMs, measurements }: ReceivedSample): void {
    const last = this.#lastLayouts.get(host);
    const layout = last?.fits(measurements) ? last : Layout.of(measurements);
    if (layout !== last) {
      if (this.#lastLayouts.size >= MAX_HOSTS) this.#lastLayouts.clear();
      this.#lastLayouts.set(host, layout);
    }
    let index = this.#layouts.get(layout);
    if (index === undefined) {
      index = this.#layouts.size;
      this.#layouts.set(layout, index);
    }
    const start = this.#length;
    const end = start + HEAD + layout.width;
    if (end > this.#numbers.length) this.#grow(end);
    this.#numbers[start] = atMs;
    this.#numbers[start + 1] = intervalMs;
    this.#numbers[start + 2] = index;
    layout.write(this.#numbers.subarray(start + HEAD, end), measurements);
    this.#hosts.push(host);
    this.#length = end;
  }

  /** Returns what was added since the last time. */
  take(): SampleBatch {
    const batch = {
      hosts: this.#hosts,
      layouts: [...this.#layouts.keys()].map(({ key }) => key),
      numbers: this.#numbers.slice(0, this.#length),
    };
    this.clear();
    return batch;
  }

  clear(): void {
    this.#hosts = [];
    this.#layouts.clear();
    this.#length = 0;
  }

  #grow(length: number): void {
    const numbers = new Float64Array(2 * length);
    numbers.set(this.#numbers);
    this.#numbers = numbers;
  }
}

/** Returns the samples of a batch, in their order. */
export function* samplesIn({ hosts, layouts: keys, numbers }: SampleBatch): Generator<SampleRow> {
  const layouts = keys.map((key) => Layout.fromKey(key));
  let at = 0;
  for (const host of hosts) {
    const atMs = numbers[at] as number;
    const intervalMs = numbers[at + 1] as number;
    const layout = layouts[numbers[at + 2] as number] as Layout;
    const start = at + HEAD;
    at = start + layout.width;
    yield { host, atMs, intervalMs, layout, values: numbers.subarray(start, at) };
  }
}
