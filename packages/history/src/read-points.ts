import { RANKED_METRICS, type RankedMetric } from '@booner/protocol/history-metrics';
import type { Block, BlockStore, RankedHost } from './block-store.ts';
import { decodeBlocks, type Wants } from './decode-blocks.ts';
import type { HostHistory } from './host-history.ts';
import { HourSums } from './hour-sums.ts';
import { mergeLive } from './merge-samples.ts';
import type { Points } from './points.ts';
import { blockStartOf, HOURLY_BLOCKS, RAW, TIERS, type Tier } from './tiers.ts';

export type TimeRange = { readonly fromMs: number; readonly toMs: number };

/**
 * Returns what is known of a host in a range, at the resolution of a tier, or finer where its
 * rollups are due.
 */
export function collectPoints(
  store: Pick<BlockStore, 'read'>,
  history: HostHistory,
  tier: Tier,
  { fromMs, toMs }: TimeRange,
  wants?: Wants,
): Points[] {
  const due = history.dueWithin(tier, fromMs, toMs);
  const blocks = store.read(history.host, tier.index, blockStartOf(tier, fromMs), toMs);
  const { open } = history;
  const isOpen = ({ startMs }: Block) => tier === RAW && startMs === open?.startMs;
  const found = decodeBlocks(
    blocks.filter((block) => !due.includes(block.startMs) && !isOpen(block)),
    wants,
  );
  if (tier === RAW) {
    if (open === null || open.startMs >= toMs || open.startMs + RAW.blockMs <= fromMs) return found;
    const [stored] = decodeBlocks(blocks.filter(isOpen), wants);
    return [...found, stored === undefined ? open.points(wants) : mergeLive(stored, open.points(wants))];
  }
  const finer = TIERS[tier.index - 1] as Tier;
  for (const startMs of due) {
    const part = { fromMs: Math.max(fromMs, startMs), toMs: Math.min(toMs, startMs + tier.blockMs) };
    found.push(...collectPoints(store, history, finer, part, wants));
  }
  return found;
}

/** Returns the sums of an hour that is not stored, and reads the samples that they lack. */
export function hourSumsOf(store: Pick<BlockStore, 'read'>, history: HostHistory, startMs: number): HourSums {
  const known = history.hourSums(startMs);
  if (known !== null) return known;
  const sums = new HourSums();
  const wants: Wants = ({ metric, device }) =>
    device === null && (RANKED_METRICS as readonly string[]).includes(metric);
  const finer = TIERS[HOURLY_BLOCKS.index - 1] as Tier;
  const hour = { fromMs: startMs, toMs: startMs + HOURLY_BLOCKS.blockMs };
  for (const points of collectPoints(store, history, finer, hour, wants)) sums.addPoints(points);
  history.completeHour(startMs, sums);
  return sums;
}

/** Returns hosts with the average and maximum of a metric over the hours of [fromMs, toMs). */
export function rankHosts(
  store: Pick<BlockStore, 'read' | 'rankHours'>,
  hosts: Iterable<HostHistory>,
  metric: RankedMetric,
  { fromMs, toMs }: TimeRange,
): RankedHost[] {
  const index = RANKED_METRICS.indexOf(metric);
  const ranked = new Map(store.rankHours(metric, fromMs, toMs).map((one) => [one.host, one]));
  for (const history of hosts) {
    for (const startMs of history.openHours(fromMs, toMs)) {
      const { samples, avg, max } = hourSumsOf(store, history, startMs).summary();
      const value = avg[index] as number;
      if (Number.isNaN(value)) continue;
      const before = ranked.get(history.host);
      const total = samples + (before?.samples ?? 0);
      ranked.set(history.host, {
        host: history.host,
        samples: total,
        avg: (value * samples + (before === undefined ? 0 : before.avg * before.samples)) / total,
        max: Math.max(max[index] as number, before?.max ?? Number.NEGATIVE_INFINITY),
      });
    }
  }
  return [...ranked.values()];
}
