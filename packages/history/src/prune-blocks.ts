import type { BlockStore } from './block-store.ts';
import type { HostHistories } from './host-histories.ts';
import { longestKeepMs, type Retention, TIERS } from './tiers.ts';

export type PruneOptions = {
  readonly retention: Retention;
  readonly maxBytes: number;
  /** False: nothing is deleted because of its age. */
  readonly isClockTrusted: boolean;
};

/** Most blocks that one step of pruning deletes. */
const MAX_DELETED = 500;
/** Blocks of each host that one step of eviction deletes. */
const EVICTED_BLOCKS = 5;

export type PruneDeps = { readonly store: BlockStore; readonly hosts: Pick<HostHistories, 'delete'> };

/**
 * Deletes some of what is older than its tier is kept, and, beyond the size limit, the oldest of
 * the finest tier; returns some free space to the file system. The caller begins a transaction.
 * @returns true if there is more to delete
 */
export function pruneBlocks(
  { store, hosts }: PruneDeps,
  nowMs: number,
  { retention, maxBytes, isClockTrusted }: PruneOptions,
): boolean {
  if (isClockTrusted && deleteOld({ store, hosts }, nowMs, retention)) return true;
  if (store.size().usedBytes > maxBytes && evict(store, nowMs)) return true;
  return store.shrink();
}

/** @returns true if there is more to delete */
function deleteOld({ store, hosts }: PruneDeps, nowMs: number, retention: Retention): boolean {
  for (const tier of TIERS) {
    const beforeMs = nowMs - retention[tier.name] - tier.blockMs;
    if (store.deleteBefore(tier.index, beforeMs, MAX_DELETED) === MAX_DELETED) return true;
  }
  store.deleteHoursBefore(nowMs - retention['1h']);
  store.deleteAnnotationsBefore(nowMs - retention['1h']);
  for (const host of store.deleteUnusedBefore(nowMs - longestKeepMs(retention))) hosts.delete(host);
  return false;
}

/** Deletes the oldest blocks of the finest tier that has more than the next one needs. */
function evict(store: Pick<BlockStore, 'oldestMs' | 'deleteBefore'>, nowMs: number): boolean {
  for (const tier of TIERS) {
    const oldestMs = store.oldestMs(tier.index);
    if (oldestMs === null || oldestMs >= nowMs - tier.minKeepMs) continue;
    const beforeMs = Math.min(oldestMs + EVICTED_BLOCKS * tier.blockMs, nowMs - tier.minKeepMs);
    if (store.deleteBefore(tier.index, beforeMs, MAX_DELETED) > 0) return true;
  }
  return false;
}
