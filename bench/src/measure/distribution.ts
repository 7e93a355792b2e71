import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
} from 'hdr-histogram-js';

/** Summary of a distribution, in the unit of its values. */
export type Percentiles = {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
};

/** Whole numbers of one unit, kept to three significant digits in bounded memory. */
export type Distribution = {
  /**
   * @throws RangeError for a value that is negative or not finite: a problem of the clock or the
   * sender.
   */
  record(value: number): void;
  reset(): void;
  /** As text that another process can {@link mergeDistributions}. */
  encode(): string;
};

export function createDistribution(): Distribution {
  const histogram = buildHistogram();
  return {
    record(value) {
      if (!Number.isFinite(value) || value < 0) throw new RangeError(`cannot record ${value}`);
      histogram.recordValue(Math.round(value));
    },
    reset: () => histogram.reset(),
    encode: () => encodeIntoCompressedBase64(histogram),
  };
}

/** Percentiles over what several processes recorded, or `null` when none recorded anything. */
export function mergeDistributions(encoded: readonly string[]): Percentiles | null {
  const merged = buildHistogram();
  for (const text of encoded) merged.add(decodeFromCompressedBase64(text) as Parameters<Histogram['add']>[0]);
  if (merged.totalCount === 0) return null;
  return {
    count: merged.totalCount,
    p50: merged.getValueAtPercentile(50),
    p99: merged.getValueAtPercentile(99),
    max: merged.maxValue,
  };
}

function buildHistogram(): Histogram {
  return build({ bitBucketSize: 32, autoResize: true, numberOfSignificantValueDigits: 3 });
}
