/** The fields of an entry of a stream, or of a hash, as Redis holds them. */
export type Fields = Readonly<Record<string, string>>;
type Json = Readonly<Record<string, unknown>>;

/** The value of one Redis key. Streams keep their ids. */
export type StoredKey =
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'hash'; readonly value: Fields }
  | { readonly type: 'set'; readonly value: readonly string[] }
  | { readonly type: 'zset'; readonly value: Readonly<Record<string, number>> }
  | { readonly type: 'stream'; readonly value: readonly (readonly [id: string, fields: Fields])[] };

/**
 * The messages between a hub, an agent and a runner of one version, recorded from the Redis between
 * them.
 */
export type Recording = {
  /** Version of all three. */
  readonly version: string;
  /** Unix time of the machine on which it was recorded. */
  readonly recordedAtMs: number;
  readonly host: string;
  /** Parts of the agent's hash, and what it published. */
  readonly agent: {
    readonly inventory: Json;
    readonly version: string;
    readonly sample: Json;
    readonly bye: Json;
  };
  readonly runner: {
    readonly presence: Json & { readonly instance: string };
    /** One of each type; of `end` one of each status. */
    readonly reports: readonly (Json & { readonly type: string })[];
    /** Log of the completed task. */
    readonly log: readonly Fields[];
  };
  readonly hub: {
    /** Offers of the completed task, which has secret parameters too, and of one that has none. */
    readonly offers: readonly Fields[];
    /** One of each type. */
    readonly control: readonly Fields[];
  };
  /** Everything that hubs store, by key, after all tasks had ended. */
  readonly stored: Readonly<Record<string, StoredKey>>;
  /** Answer to `GET /tasks?version=2` at that time. */
  readonly tasks: Json;
  /** Messages of the hub's streams: one of each type. */
  readonly frames: {
    readonly status1: Json;
    readonly status2: readonly Json[];
    readonly tasks1: Json;
    readonly tasks2: readonly Json[];
  };
};
