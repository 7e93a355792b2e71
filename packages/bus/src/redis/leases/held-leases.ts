import type { Shard } from '@booner/protocol/shard';
import type { Lease } from '../../lease-ports.ts';

/** Time after which Redis lets go of a lease that is not renewed. */
export const LEASE_TTL_MS = 6000;
/**
 * Time from the moment a renewal was sent up to which the hub relies on it. Redis counts the time
 * to live from a later moment, so even a clock that runs slow by a tenth ends first.
 */
const RELIED_ON_MS = 5000;

/** What Redis answered to a renewal. */
export type Renewal = {
  /** Shards that this hub should hold. */
  readonly fairShare: number;
  readonly renewed: ReadonlySet<Shard>;
  readonly granted: readonly Lease[];
};

export type LeaseChanges = {
  readonly gained: readonly Lease[];
  /** Not this hub's any more. */
  readonly lost: readonly Lease[];
  /** More than this hub's fair share. It stops holding them now, and MUST release them in Redis. */
  readonly excess: readonly Lease[];
};

/**
 * The leases that a hub relies on. Times are milliseconds of its monotonic clock. It does no I/O
 * and reads no clock.
 */
export class HeldLeases {
  readonly #held = new Map<Shard, Lease>();
  /** One time for all: each renewal covers all that is held. */
  #reliedOnUntilMs = Number.NEGATIVE_INFINITY;

  /** Time at which everything held is lost unless a renewal comes before. */
  get reliedOnUntilMs(): number {
    return this.#reliedOnUntilMs;
  }

  leaseOf(shard: Shard, nowMs: number): Lease | null {
    return nowMs < this.#reliedOnUntilMs ? (this.#held.get(shard) ?? null) : null;
  }

  held(nowMs: number): readonly Lease[] {
    return nowMs < this.#reliedOnUntilMs ? [...this.#held.values()] : [];
  }

  /** Drops what was not renewed in time. @returns the leases that are lost */
  expire(nowMs: number): readonly Lease[] {
    return nowMs < this.#reliedOnUntilMs ? [] : this.clear();
  }

  /** Drops everything. @returns the leases that were held */
  clear(): readonly Lease[] {
    const all = [...this.#held.values()];
    this.#held.clear();
    return all;
  }

  /**
   * Takes the answer to a renewal. An answer that comes late is of no use: Redis may have let go
   * since.
   * @param sentAtMs when the renewal was sent
   */
  apply({ fairShare, renewed, granted }: Renewal, sentAtMs: number, nowMs: number): LeaseChanges {
    const lost = [...this.expire(nowMs)];
    if (nowMs >= sentAtMs + RELIED_ON_MS) return { gained: [], lost, excess: [] };
    for (const lease of this.#held.values()) {
      if (!renewed.has(lease.shard)) lost.push(lease);
    }
    for (const { shard } of lost) this.#held.delete(shard);
    for (const lease of granted) this.#held.set(lease.shard, lease);
    this.#reliedOnUntilMs = sentAtMs + RELIED_ON_MS;
    return { gained: granted, lost, excess: this.#takeExcess(fairShare) };
  }

  /** The newest leases go first: work that has gone on for longest goes on. */
  #takeExcess(fairShare: number): readonly Lease[] {
    const count = this.#held.size - fairShare;
    if (count <= 0) return [];
    const excess = [...this.#held.values()].sort((a, b) => b.epoch - a.epoch).slice(0, count);
    for (const { shard } of excess) this.#held.delete(shard);
    return excess;
  }
}
