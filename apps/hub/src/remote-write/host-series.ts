import type { Measurements } from '@booner/protocol';
import { seriesOfSample } from './series-of-sample.ts';
import { encodeLabels, encodeSample } from './write-request.ts';

export type HostLabels = Readonly<Record<string, string>>;

/** A part of a write request. */
export type EncodedSamples = {
  readonly bytes: Buffer;
  /** Number of samples in it. */
  readonly samples: number;
  /** Unix time of the samples. */
  readonly atMs: number;
};

/**
 * The series of one host. Encodes its samples, and ends each series that a sample no longer has, so
 * that a store shows a gap instead of the last value.
 */
export class HostSeries {
  /** Encoded labels by name and own labels. */
  #known = new Map<string, Buffer>();
  #hostLabels: HostLabels = {};
  #lastAtMs = 0;

  /**
   * Encodes a sample. Its time is moved behind that of the one before: stores refuse a second value
   * for one time, and one for an earlier time.
   * @param receivedAtMs Unix time by the hub's clock
   */
  encode(sample: Partial<Measurements>, hostLabels: HostLabels, receivedAtMs: number): EncodedSamples {
    const atMs = this.#timeOf(receivedAtMs);
    const ended = areEqual(hostLabels, this.#hostLabels) ? [] : this.#clear();
    this.#hostLabels = hostLabels;
    const known = this.#known;
    this.#known = new Map();
    const parts: Buffer[] = [];
    for (const { name, labels, value } of seriesOfSample(sample)) {
      const key = `${name}\n${Object.values(labels).join('\n')}`;
      if (this.#known.has(key)) continue; // such as a file system that is mounted over itself
      const encoded = known.get(key) ?? encodeLabels(sorted({ ...hostLabels, ...labels, __name__: name }));
      this.#known.set(key, encoded);
      parts.push(encodeSample(encoded, value, atMs));
    }
    for (const [key, labels] of known) if (!this.#known.has(key)) ended.push(labels);
    return concat([...parts, ...ended.map((labels) => encodeSample(labels, 'stale', atMs))], atMs);
  }

  /** Ends all series, right after their last sample. Returns `null` if there is none. */
  end(): EncodedSamples | null {
    const ended = this.#clear();
    if (ended.length === 0) return null;
    const atMs = this.#timeOf(0);
    return concat(
      ended.map((labels) => encodeSample(labels, 'stale', atMs)),
      atMs,
    );
  }

  #clear(): Buffer[] {
    const labels = [...this.#known.values()];
    this.#known.clear();
    return labels;
  }

  #timeOf(atMs: number): number {
    this.#lastAtMs = Math.max(atMs, this.#lastAtMs + 1);
    return this.#lastAtMs;
  }
}

const concat = (parts: readonly Buffer[], atMs: number): EncodedSamples => ({
  bytes: Buffer.concat(parts),
  samples: parts.length,
  atMs,
});

/** Sorts labels by name as the specification wants it: by code units, since names are ASCII. */
const sorted = (labels: HostLabels) => Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));

const areEqual = (a: HostLabels, b: HostLabels): boolean =>
  Object.keys(a).length === Object.keys(b).length && Object.keys(a).every((key) => a[key] === b[key]);
