import type { HostId } from './host-id.ts';

declare const shardBrand: unique symbol;

/** Number of a shard, from 0 to {@link SHARDS} - 1. */
export type Shard = number & { readonly [shardBrand]: true };

/**
 * Shards that all hosts are divided into. Hubs share the work that must happen once by shards, so
 * the number limits how many hubs can share it. It MUST NOT change: hubs of two versions would
 * assign a host to two shards.
 */
export const SHARDS = 64;

/** Every shard, in order. */
export const ALL_SHARDS: readonly Shard[] = Array.from({ length: SHARDS }, (_, shard) => shard as Shard);

/**
 * Returns the shard of a host: the upper six bits of the 32-bit FNV-1a hash of its id, mixed by the
 * finalizer of MurmurHash3, since FNV-1a alone spreads ids that differ in their last character
 * badly. The result MUST NOT change, for the same reason as {@link SHARDS}.
 *
 * FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/
 * @param host `null`: what no host has, such as alerts about rollouts
 */
export const shardOf = (host: HostId | null): Shard => shardOfText(host ?? '');

/** Returns the shard of something other than a host, as for {@link shardOf}. */
export function shardOfText(text: string): Shard {
  let hash = 0x811c9dc5;
  // By UTF-16 code units, which are the bytes of ASCII texts such as host ids.
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 26) as Shard;
}
