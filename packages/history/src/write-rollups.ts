import type { Series } from '@booner/protocol/history-metrics';
import { encodeBlock } from './block-codec.ts';
import type { BlockPlace, BlockStore } from './block-store.ts';
import { decodeBlocks } from './decode-blocks.ts';
import type { HostHistory } from './host-history.ts';
import { HourSums } from './hour-sums.ts';
import { type Points, rowsOf } from './points.ts';
import { rollUp } from './roll-up.ts';
import { blockStartOf, HOURLY_BLOCKS, TIERS, type Tier } from './tiers.ts';

// All of these write: the caller begins a transaction first.

/** Per-core values are kept at full resolution only: they are half of the data of large hosts. */
const keepsAt = (tier: Tier, { metric }: Series): boolean => tier.index < 2 || metric !== 'coreUsageRatio';

/** Marks the rollups of a minute as outdated, and deletes the averages of its hour. */
export function markDue(
  store: Pick<BlockStore, 'addDue' | 'deleteHour'>,
  history: HostHistory,
  minuteMs: number,
): void {
  const { host } = history;
  for (const tier of TIERS.slice(1)) {
    const startMs = blockStartOf(tier, minuteMs);
    if (!history.addDue(tier, startMs)) continue;
    store.addDue({ host, tier: tier.index, startMs });
    if (tier === HOURLY_BLOCKS) store.deleteHour(host, startMs);
  }
}

/** Makes a rollup that is due from the blocks of the finer tier. */
export function makeRollup(
  store: Pick<BlockStore, 'read' | 'write' | 'writeHour' | 'removeDue'>,
  history: HostHistory,
  { tier, startMs }: { readonly tier: Tier; readonly startMs: number },
): void {
  const { host } = history;
  const finer = TIERS[tier.index - 1] as Tier;
  const endMs = startMs + tier.blockMs;
  const blocks = store.read(host, finer.index, startMs, endMs);
  const points = decodeBlocks(blocks);
  const place = { host, tier: tier.index, startMs };
  if (points.length > 0) storeRollup(store, place, rollUp(points, optionsOf(tier, startMs)));
  store.removeDue(place);
  history.removeDue(tier, startMs);
}

/** Stores a rollup, joined with the one at its place: that may have points of deleted samples. */
export function storeRollup(
  store: Pick<BlockStore, 'read' | 'write' | 'writeHour'>,
  place: BlockPlace,
  made: Points,
): void {
  const { host, tier: index, startMs } = place;
  const tier = TIERS[index] as Tier;
  const [before] = decodeBlocks(store.read(host, index, startMs, startMs + tier.blockMs));
  const rolled = before === undefined ? made : rollUp(fullest(before, made), optionsOf(tier, startMs));
  store.write(place, { series: rolled.series, data: encodeBlock(rolled, startMs) });
  if (tier !== HOURLY_BLOCKS) return;
  const sums = new HourSums();
  sums.addPoints(rolled);
  store.writeHour(host, startMs, sums.summary());
}

const optionsOf = (tier: Tier, startMs: number) => ({
  fromMs: startMs,
  toMs: startMs + tier.blockMs,
  stepMs: tier.stepMs,
  wants: (series: Series) => keepsAt(tier, series),
});

/**
 * Chooses, of two rollups of a block, the points that more samples are behind: the older one has
 * points whose samples were deleted since.
 */
function fullest(before: Points, made: Points): Points[] {
  const countOf = ({ times, counts }: Points) => {
    const found = new Map(Array.from(times, (atMs, row) => [atMs, counts?.[row] ?? 0]));
    return (atMs: number) => found.get(atMs) ?? 0;
  };
  const [inBefore, inMade] = [countOf(before), countOf(made)];
  return [
    rowsOf(before, (atMs) => inBefore(atMs) > inMade(atMs)),
    rowsOf(made, (atMs) => inMade(atMs) >= inBefore(atMs)),
  ];
}
