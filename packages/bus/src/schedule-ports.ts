import type { StoredSchedule } from '@booner/protocol';
import type { Lease } from './lease-ports.ts';
import type { BusSide } from './ports.ts';

/** A schedule as it is stored. `text` is its exact JSON, which changes are compared by. */
export type ReadSchedule = { readonly schedule: StoredSchedule; readonly text: string };

/** A hub's side of the bus, for schedules. Every method rejects with `BusError`. */
export type ScheduleBus = BusSide & {
  /**
   * The number of changes so far, and the time of the bus in Unix milliseconds. Schedules need not
   * be read again while the number stays.
   */
  readVersion(): Promise<{ readonly version: number; readonly nowMs: number }>;
  /** By name. Those that cannot be parsed are absent. */
  readAll(): Promise<ReadonlyMap<string, ReadSchedule>>;
  /**
   * Changes one schedule.
   * @param lease of its shard; `null`: for the request of a person, which any hub may store
   * @param before stored text that the change is based on; `null`: nothing was stored
   * @param after `null`: the schedule is removed
   * @returns `conflict`: something else is stored; `not_held`: the lease is not in force; `full`:
   * it
   *   is new, and there are {@link MAX_SCHEDULES}. Then nothing was changed
   */
  change(
    lease: Lease | null,
    name: string,
    before: string | null,
    after: StoredSchedule | null,
  ): Promise<'changed' | 'conflict' | 'not_held' | 'full'>;
};
