import type { Shard } from '@booner/protocol/shard';
import type { BusSide } from './ports.ts';

/** A hub's claim on one shard of hosts, for work that must happen once. */
export type Lease = {
  readonly shard: Shard;
  /** Id of the hub that holds it. */
  readonly hub: string;
  /** Larger than that of every earlier lease, of any shard. */
  readonly epoch: number;
};

/** Receives which shards a hub holds. Its methods MUST NOT throw or reject. */
export type LeaseListener = {
  onGained(leases: readonly Lease[]): void;
  /**
   * The hub holds these no longer, and {@link LeaseBus.leaseOf} does not return them.
   * @param reason `released`: no other hub holds them before the returned promise has settled, for
   *   up to a second. `lost`: the bus granted them to another hub, or did not confirm them in time
   */
  onEnded(leases: readonly Lease[], reason: 'released' | 'lost'): void | Promise<void>;
};

/**
 * A hub's side of the bus, for leases. Each shard of hosts is held by one hub at a time, and the
 * live hubs hold equally many. When a hub dies, the others hold its shards within 8 s; when it is
 * disposed of, within a second or two. Methods that return a promise reject with `BusError`.
 *
 * A hub MAY start work for a shard while `leaseOf` returns its lease: it stops doing so before
 * another hub can be granted the shard, by its own monotonic clock. A hub that is paused between
 * the two learns nothing of that. So each effect on the bus MUST compare `hub` and `epoch` in the
 * same step: in a script, with `holds_lease` of `redis/leases/scripts/holds-lease.lua`.
 */
export type LeaseBus = BusSide & {
  /** Id of this hub. */
  readonly hub: string;
  /** Returns this hub's lease of a shard; `null` if it does not hold it at this moment. */
  leaseOf(shard: Shard): Lease | null;
  /** Returns the leases that this hub holds at this moment. */
  held(): readonly Lease[];
  /**
   * Follows changes of {@link held}. What is held already is reported at once.
   * @returns a function that removes the listener
   */
  follow(listener: LeaseListener): () => void;
  /** Asks the bus whether a lease is in force. It may end while the answer is under way. */
  confirm(lease: Lease): Promise<boolean>;
};
