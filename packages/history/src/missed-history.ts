import { parseHostId } from '@booner/protocol/host-id';
import { encodeBlock } from './block-codec.ts';
import type { Block, BlockPlace, BlockStore } from './block-store.ts';
import { decodeBlocks } from './decode-blocks.ts';
import type { HostHistories } from './host-histories.ts';
import type { HostHistory } from './host-history.ts';
import { samplesWithin } from './merge-samples.ts';
import type { MinuteWriter } from './minute-writer.ts';
import { blockStartOf, RAW, TIERS, type Tier } from './tiers.ts';
import { storeRollup } from './write-rollups.ts';

export type PlacedBlock = BlockPlace & Block;

export type ExportRange = {
  readonly tier: Tier;
  /** Blocks that start within [fromMs, toMs). */
  readonly fromMs: number;
  readonly toMs: number;
  readonly after: string | null;
  readonly bytes: number;
};

export type MissedSamples = {
  /** Samples outside of the range are left out. */
  readonly fromMs: number;
  readonly toMs: number;
  /** To be added to the times in the blocks. */
  readonly shiftMs: number;
  readonly minutes: readonly Block[];
};

/**
 * Adds samples that were missed, such as those that an agent kept during an outage. Samples that
 * are known already are left out.
 * @returns the number of samples that lie within the range
 */
export function addMissed(
  writer: Pick<MinuteWriter, 'write'>,
  history: HostHistory,
  { fromMs, toMs, shiftMs, minutes }: MissedSamples,
): number {
  const { host } = history;
  const shifted = decodeBlocks(minutes).map((points) => ({
    ...points,
    times: points.times.map((atMs) => atMs + shiftMs),
  }));
  let added = 0;
  for (let startMs = blockStartOf(RAW, fromMs); startMs < toMs; startMs += RAW.blockMs) {
    const start = Math.max(fromMs, startMs);
    const points = samplesWithin(shifted, start, Math.min(toMs, startMs + RAW.blockMs));
    if (points.times.length === 0) continue;
    added += points.times.length;
    writer.write({
      host,
      tier: RAW.index,
      startMs,
      series: points.series,
      data: encodeBlock(points, startMs),
    });
    history.forgetHour(startMs);
  }
  history.nextWorkMs = Number.NEGATIVE_INFINITY;
  return added;
}

/** Returns the blocks of hosts after `after` in a range: whole hosts, about `bytes` in all. */
export function exportBlocks(
  store: Pick<BlockStore, 'read'>,
  hosts: readonly string[],
  { tier, fromMs, toMs, after, bytes }: ExportRange,
): { blocks: PlacedBlock[]; next: string | null } {
  const blocks: PlacedBlock[] = [];
  let found = 0;
  for (const host of hostsAfter(hosts, after)) {
    if (found >= bytes) return { blocks, next: blocks.at(-1)?.host ?? null };
    for (const block of store.read(host, tier.index, fromMs, toMs)) {
      blocks.push({ ...block, host, tier: tier.index });
      found += block.data.byteLength;
    }
  }
  return { blocks, next: null };
}

/** Host ids in their order; the hub's own machine is none. */
function hostsAfter(hosts: readonly string[], after: string | null): string[] {
  const isNext = (host: string) => parseHostId(host) !== null && (after === null || host > after);
  return hosts.filter(isNext).toSorted();
}

export type ImportDeps = {
  readonly store: Pick<BlockStore, 'read' | 'write' | 'writeHour'>;
  readonly hosts: Pick<HostHistories, 'of'>;
  readonly writer: Pick<MinuteWriter, 'begin' | 'write'>;
};

/**
 * Takes a block of another hub, unless it is damaged or a known one has as many samples. Samples of
 * a minute are joined with those that are known.
 */
export function importBlock(
  { store, hosts, writer }: ImportDeps,
  { host, tier: index, ...block }: PlacedBlock,
): void {
  const tier = TIERS[index] as Tier;
  const [points] = decodeBlocks([block]);
  const endMs = block.startMs + tier.blockMs;
  if (points === undefined || block.startMs % tier.blockMs !== 0) return;
  if (points.times.some((atMs) => atMs < block.startMs || atMs >= endMs)) return;
  const place = { host, tier: index, startMs: block.startMs };
  const history = hosts.of(host);
  if (tier === RAW) {
    writer.write({ ...place, ...block });
    history.forgetHour(block.startMs);
  } else {
    writer.begin();
    storeRollup(store, place, points);
  }
  history.nextWorkMs = Number.NEGATIVE_INFINITY;
}
