import { atMost, type PartResult } from '../part-result.ts';
import { formatCoreShare } from '../quantities.ts';

/** Blocks of one resolution. A value is a measurement, or a point with avg, min and max. */
export type TierSize = {
  readonly tier: number;
  readonly blocks: number;
  readonly bytes: number;
  readonly values: number;
};

export type SizeFigures = {
  readonly tiers: readonly TierSize[];
  readonly seriesPerSample: number;
  /** Bytes of the file, with pages, indexes and hourly averages, for each byte of blocks. */
  readonly fileBytesPerBlockByte: number;
  /** Parsing, storing, rolling up and deleting, on average. */
  readonly cpuUsPerSample: number;
  /** The peers, with their pages: a row a value, and a row of JSON a sample. */
  readonly rowBytesPerValue: number;
  readonly jsonBytesPerValue: number;
};

const NAMES = ['raw', '10 s', '1 min', '10 min', '1 h'];
const GOALS = { rawBytes: 0.8, rollupBytes: 2.3, rollupTiers: [1, 2] };
const SAMPLES_PER_SECOND = 1000 / 3;

const formatBytes = (bytes: number): string => `${bytes.toFixed(2)} B`;

export function presentSize(figures: SizeFigures): PartResult {
  const tiers = NAMES.map((name, tier) => {
    const parts = figures.tiers.filter((one) => one.tier === tier);
    const sum = (read: (one: TierSize) => number) => parts.reduce((total, one) => total + read(one), 0);
    return { name, tier, values: sum(({ values }) => values), bytes: sum(({ bytes }) => bytes) };
  }).filter(({ values }) => values > 0);
  return {
    title: 'History, size: the same samples of a real machine in three forms',
    head: ['stored as', 'values', 'bytes a value'],
    rows: [
      ...tiers.map(({ name, tier, values, bytes }) => [
        tier === 0 ? 'blocks, raw' : `blocks, ${name}: average, minimum, maximum`,
        String(values),
        formatBytes(bytes / values),
      ]),
      ['SQLite, a row a value, WITHOUT ROWID', '-', formatBytes(figures.rowBytesPerValue)],
      ['SQLite, a row of JSON a sample, as Beszel', '-', formatBytes(figures.jsonBytesPerValue)],
    ],
    goals: tiers
      .filter(({ tier }) => tier === 0 || GOALS.rollupTiers.includes(tier))
      .map(({ name, tier, values, bytes }) =>
        atMost(
          `bytes a value: ${name}`,
          bytes / values,
          tier === 0 ? GOALS.rawBytes : GOALS.rollupBytes,
          formatBytes,
        ),
      ),
    notes: [
      `A sample has ${figures.seriesPerSample} values. The file takes ${figures.fileBytesPerBlockByte.toFixed(2)} bytes a byte of blocks.`,
      `CPU of a sample with all that follows from it: ${figures.cpuUsPerSample.toFixed(0)} us, so 1,000 hosts take ${formatCoreShare((figures.cpuUsPerSample * SAMPLES_PER_SECOND) / 1e6)} of a core, without passing them to the thread.`,
    ],
    failures: tiers.length < 2 ? ['no rollups were made'] : [],
    figures,
  };
}
