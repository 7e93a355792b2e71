import type {
  AlertSettingKind,
  AlertSubject,
  Cursor,
  EndedEpisode,
  GroupInput,
  GroupMemory,
  JsonObject,
  Sha256,
  StoredAlert,
} from '@booner/protocol';
import type { Shard } from '@booner/protocol/shard';
import type { Lease } from './lease-ports.ts';
import type { NewOutboxEntry } from './outbox-ports.ts';
import type { BusSide } from './ports.ts';

/** A rule on a subject. */
export type AlertKey = AlertSubject & { readonly rule: string };

/** An alert as it is stored. `text` is its exact JSON, which changes are compared by. */
export type ReadAlert = { readonly alert: StoredAlert; readonly text: string };

/** A change of one alert, with what comes of it. */
export type AlertChange = {
  readonly key: AlertKey;
  /** Stored text that the change is based on; `null`: nothing was stored. */
  readonly before: string | null;
  /** `null`: there is nothing to remember. */
  readonly after: StoredAlert | null;
  /** For the groups, each with the shard that keeps its group. */
  readonly inputs: readonly { readonly shard: Shard; readonly input: GroupInput }[];
  /** An episode that ended with the change. */
  readonly ended: EndedEpisode | null;
};

export type AlertChangeOutcome =
  /** Everything of the change was stored. `text`: what is stored now; `null`: nothing. */
  | { readonly type: 'changed'; readonly text: string | null }
  /**
   * Something else is stored, and nothing was changed. If it cannot be parsed, it was removed and
   * reported as rejected, and `current` is `null`.
   */
  | { readonly type: 'conflict'; readonly current: ReadAlert | null };

/** An entry of the event stream. */
export type AlertEvent = { readonly cursor: Cursor } & (
  | {
      readonly type: 'alerts';
      readonly changes: readonly {
        readonly key: AlertKey;
        readonly after: ReadAlert | null;
        readonly ended: EndedEpisode | null;
      }[];
      /** Shards whose groups have inputs to take. */
      readonly groupShards: readonly Shard[];
    }
  /** Somebody changed settings of this kind, which must be read again. */
  | { readonly type: 'settings'; readonly kind: AlertSettingKind }
);

/** The groups of a shard. */
export type StoredGroups = {
  /** By group. Those that cannot be parsed are absent. */
  readonly groups: ReadonlyMap<string, GroupMemory>;
  /**
   * What the groups have not taken yet, oldest first, at most 1,000. Those that cannot be parsed
   * are `null`.
   */
  readonly inputs: readonly (GroupInput | null)[];
};

/** What the hub that keeps the groups of a shard has done. */
export type GroupChanges = {
  /** Number of inputs that were taken: the oldest ones. */
  readonly taken: number;
  /** `null`: there is nothing to remember. */
  readonly groups: ReadonlyMap<string, GroupMemory | null>;
  /** For the outbox, in this order. */
  readonly notifications: readonly NewOutboxEntry[];
};

/** Ended episodes, newest first. */
export type EpisodeQuery = {
  /** 1 to 500. */
  readonly limit: number;
  /** `next` of the previous page. */
  readonly before?: Cursor;
  /** Returns false for episodes that are left out. */
  readonly accepts?: (episode: EndedEpisode) => boolean;
};

export type EpisodePage = { readonly episodes: readonly EndedEpisode[]; readonly next: Cursor | null };

/**
 * A hub's side of the bus, for alerts. Any number of hubs share one bus. Each change is one step
 * with respect to all of them. Every method rejects with `BusError` if the bus cannot be reached or
 * refuses. Nothing is queued, and then either all of the step was done or nothing.
 */
export type AlertBus = BusSide & {
  /** The settings of a kind, by name. Values are as they were put; readers MUST parse them. */
  readSettings(kind: AlertSettingKind): Promise<ReadonlyMap<string, JsonObject>>;
  /**
   * Sets a setting, and notifies every hub by an event. Rejects a value of over 64 KiB as JSON.
   * @param max settings of the kind that there can be
   * @returns `full`: it is new, there are `max` already, and nothing was stored
   */
  putSetting(
    kind: AlertSettingKind,
    name: string,
    value: JsonObject,
    max: number,
  ): Promise<'stored' | 'full'>;
  /** Removes a setting, and notifies every hub. @returns `false` if there was none */
  removeSetting(kind: AlertSettingKind, name: string): Promise<boolean>;

  /** Every alert that is not well, at least as new as `cursor`: events after it may be included. */
  readAlerts(): Promise<{ readonly cursor: Cursor; readonly alerts: readonly ReadAlert[] }>;
  /**
   * Changes alerts of the hosts of one shard, each on its own: with its inputs for groups, its
   * ended episode and its part of the event. At most 100 changes. Inputs for groups that nobody
   * keeps are dropped once 10,000 wait, and reported as rejected.
   * @param lease of the shard; `null`: for an acknowledgement, which any hub may store
   * @returns an outcome for each change; `not_held`: the lease is not in force, nothing was changed
   */
  change(
    shard: Shard,
    lease: Lease | null,
    changes: readonly AlertChange[],
  ): Promise<readonly AlertChangeOutcome[] | 'not_held'>;
  /**
   * Returns the events after a position, oldest first, at most `max`. Waits up to 5 s for the first
   * one, then returns none. `trimmed`: the position is no longer in the stream or never was.
   */
  nextEvents(after: Cursor, max: number): Promise<readonly AlertEvent[] | 'trimmed'>;
  readEpisodes(query: EpisodeQuery): Promise<EpisodePage>;

  readGroups(shard: Shard): Promise<StoredGroups>;
  /**
   * Stores what became of groups, and puts notifications into the outbox, in one step.
   * @returns `false`: the lease is not in force, and nothing was changed
   */
  saveGroups(lease: Lease, changes: GroupChanges): Promise<boolean>;

  /** Notes that a heartbeat came. */
  beat(name: string, atMs: number): Promise<void>;
  /** Last time of each heartbeat, in Unix milliseconds. Those that were removed may be included. */
  readBeats(): Promise<ReadonlyMap<string, number>>;

  /** Stores the episodes that a link acknowledges. @param hash of the link's secret */
  putAlertLink(hash: Sha256, episodes: readonly string[], ttlMs: number): Promise<void>;
  /** Removes a link and returns its episodes; `null`: it expired, was used, or never was. */
  takeAlertLink(hash: Sha256): Promise<readonly string[] | null>;
};
