import type { HookDelivery, RolloutId, StoredHook, StoredSchedule } from '@booner/protocol';
import type { Lease } from './lease-ports.ts';
import type { BusSide } from './ports.ts';

/** A record as it is stored. `text` is its exact JSON, which changes are compared by. */
export type ReadRecord<Stored> = { readonly record: Stored; readonly text: string };

/**
 * A hub's side of the bus, for records that people set by name and hubs carry out. Every method
 * rejects with `BusError`.
 */
export type RecordBus<Stored> = BusSide & {
  /**
   * The number of changes so far, and the time of the bus in Unix milliseconds. Records need not be
   * read again while the number stays.
   */
  readVersion(): Promise<{ readonly version: number; readonly nowMs: number }>;
  /** By name. Those that cannot be parsed are absent. */
  readAll(): Promise<ReadonlyMap<string, ReadRecord<Stored>>>;
  /**
   * Changes one record.
   * @param lease of its shard; `null`: for a request, which any hub may carry out
   * @param before stored text that the change is based on; `null`: nothing was stored
   * @param after `null`: the record is removed
   * @returns `conflict`: something else is stored; `not_held`: the lease is not in force; `full`:
   *   it is new, and there are too many. Then nothing was changed
   */
  change(
    lease: Lease | null,
    name: string,
    before: string | null,
    after: Stored | null,
  ): Promise<'changed' | 'conflict' | 'not_held' | 'full'>;
};

/** Schedules: at most `MAX_SCHEDULES`. */
export type ScheduleBus = RecordBus<StoredSchedule>;

/** Hooks, at most `MAX_HOOKS`, and what was delivered to them. */
export type HookBus = RecordBus<StoredHook> & {
  /**
   * Notes a delivery, and marks its rollout as started if it has one. Keeps the last
   * `MAX_HOOK_DELIVERIES` of a hook, and forgets them after {@link DELIVERIES_TTL_MS}.
   */
  noteDelivery(name: string, delivery: HookDelivery): Promise<void>;
  /**
   * Returns true if a delivery with this rollout was noted within {@link STARTED_TTL_MS}, whether
   * or not the rollout still exists.
   */
  wasStarted(id: RolloutId): Promise<boolean>;
  /** The last deliveries of each hook, newest first. */
  readDeliveries(names: readonly string[], count: number): Promise<readonly (readonly HookDelivery[])[]>;
  /** Removes the deliveries of a hook. */
  removeDeliveries(name: string): Promise<void>;
};

/** Last deliveries of a hook that is no longer used are kept this long. */
export const DELIVERIES_TTL_MS = 30 * 24 * 3_600_000;
/** GitHub sends a delivery again for three days at most, when a person asks for it. */
export const STARTED_TTL_MS = 4 * 24 * 3_600_000;
