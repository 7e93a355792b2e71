import { HISTORY_TIER_NAMES, HISTORY_TIERS, type HistoryTier } from '@booner/protocol/history-metrics';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Length of one stored block: long enough to compress well, short enough to read little. */
const BLOCK_MS: { readonly [Name in HistoryTier]: number } = {
  raw: MINUTE_MS,
  '10s': 10 * MINUTE_MS,
  '1m': HOUR_MS,
  '10m': 12 * HOUR_MS,
  '1h': 4 * DAY_MS,
};

/** A resolution and its blocks. Blocks start at multiples of their length since 1970. */
export type Tier = {
  readonly name: HistoryTier;
  /** Place in {@link TIERS}, which is stored: 0 is raw. */
  readonly index: number;
  readonly stepMs: number;
  readonly blockMs: number;
  /** Shortest time that a tier is kept: coarser tiers are made from it. */
  readonly minKeepMs: number;
};

/** Finest first. Each tier is made from the blocks of the one before it. */
export const TIERS: readonly Tier[] = HISTORY_TIER_NAMES.map((name, index) => {
  const next = HISTORY_TIER_NAMES[index + 1] ?? name;
  return {
    name,
    index,
    stepMs: HISTORY_TIERS[name].stepMs,
    blockMs: BLOCK_MS[name],
    minKeepMs: 2 * BLOCK_MS[next],
  };
});

export const RAW = TIERS[0] as Tier;
/** The tier whose blocks are hours: closing one stores the averages that hosts are ranked by. */
export const HOURLY_BLOCKS = TIERS[2] as Tier;

/** Start of the block of a tier that a time belongs to. */
export const blockStartOf = ({ blockMs }: Pick<Tier, 'blockMs'>, atMs: number): number =>
  Math.floor(atMs / blockMs) * blockMs;

/** How long each tier is kept, in milliseconds. */
export type Retention = { readonly [Name in HistoryTier]: number };

export const DEFAULT_RETENTION: Retention = Object.fromEntries(
  TIERS.map(({ name }) => [name, HISTORY_TIERS[name].keepMs]),
) as Retention;

const UNITS_MS = { m: MINUTE_MS, h: HOUR_MS, d: DAY_MS } as const;

/** How long anything is kept, and a day: after it, nothing refers to a host that left. */
export const longestKeepMs = (retention: Retention): number =>
  Math.max(...TIERS.map(({ name, blockMs }) => retention[name] + blockMs)) + DAY_MS;

/**
 * Parses a retention such as `raw=6h,1m=30d`. Tiers that are not named keep their default.
 * @returns a sentence about what is wrong, if something is
 */
export function parseRetention(text: string): Retention | string {
  const retention: { -readonly [Name in HistoryTier]: number } = { ...DEFAULT_RETENTION };
  for (const term of text.split(',').filter((part) => part.trim() !== '')) {
    const [, name = '', amount = '', unit = ''] = /^\s*(\w+)\s*=\s*(\d+)([mhd])\s*$/.exec(term) ?? [];
    const tier = TIERS.find((one) => one.name === name);
    if (tier === undefined) {
      const names = TIERS.map((one) => one.name).join(', ');
      return `must look like raw=6h,1m=30d, with the tiers ${names} and the units m, h, d; got "${term.trim()}"`;
    }
    const keepMs = Number(amount) * UNITS_MS[unit as keyof typeof UNITS_MS];
    if (keepMs < tier.minKeepMs) {
      return `${name} must be at least ${describe(tier.minKeepMs)}: coarser tiers are made from it`;
    }
    retention[tier.name] = keepMs;
  }
  return retention;
}

function describe(ms: number): string {
  if (ms % DAY_MS === 0) return `${ms / DAY_MS}d`;
  return ms % HOUR_MS === 0 ? `${ms / HOUR_MS}h` : `${ms / MINUTE_MS}m`;
}
