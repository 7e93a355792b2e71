import type { Rollout, RolloutHead, RolloutHost, RolloutId } from '@booner/protocol';
import type { Lease } from './lease-ports.ts';
import type { BusSide } from './ports.ts';

/** The next version of a rollout, with the hosts that differ from the version before. */
export type RolloutChange = {
  readonly head: RolloutHead;
  readonly hosts: readonly RolloutHost[];
  /** True if nothing of it will change by itself. */
  readonly isSettled: boolean;
};

/** Rollouts, newest first, without their hosts. */
export type RolloutPage = {
  readonly rollouts: readonly RolloutHead[];
  /** `after` of the next page; `null`: there are no more. */
  readonly next: string | null;
};

/**
 * A hub's side of the bus, for rollouts. Any number of hubs share one bus. Each change is one step
 * with respect to all of them. Every method rejects with `BusError` if the bus cannot be reached or
 * refuses. Nothing is queued, and then either all of the step was done or nothing.
 */
export type RolloutBus = BusSide & {
  /**
   * Stores a new rollout, and removes the oldest settled ones over {@link MAX_ENDED_ROLLOUTS}.
   * @returns `existing`: there is one with its id; `full`: {@link MAX_OPEN_ROLLOUTS} are open. Then
   *   nothing was stored
   */
  create(rollout: Rollout): Promise<'created' | 'existing' | 'full'>;
  read(id: RolloutId): Promise<Rollout | null>;
  /** {@link read} without the hosts. */
  readHead(id: RolloutId): Promise<RolloutHead | null>;
  /**
   * Stores the next version of a rollout.
   * @param lease of its shard; `null`: for the request of a person, which any hub may store
   * @returns `conflict`: its stored version is not the one before; `not_held`: the lease is not in
   *   force. Then nothing was stored
   */
  save(lease: Lease | null, change: RolloutChange): Promise<'saved' | 'conflict' | 'not_held'>;
  /** @param limit 1 to 500; `after`: `next` of the previous page */
  list(query: { readonly limit: number; readonly after?: string }): Promise<RolloutPage>;
  /** Versions of the rollouts that are not settled, and the time of the bus. */
  readOpen(): Promise<{ readonly nowMs: number; readonly versions: ReadonlyMap<RolloutId, number> }>;
  /** Version of a rollout; `null`: there is none. */
  readVersion(id: RolloutId): Promise<number | null>;
};
