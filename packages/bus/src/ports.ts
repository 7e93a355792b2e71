import type {
  Backfill,
  BackfillAnswer,
  BackfillRequest,
  Bye,
  HostId,
  Inventory,
  LabelChanges,
  PasswordOffer,
  Quarantine,
  Registration,
  Sample,
} from '@booner/protocol';

/** State of a connection to the bus. Times are Unix milliseconds of this process's clock. */
export type BusConnection =
  | { readonly state: 'connecting'; readonly sinceMs: number }
  | { readonly state: 'connected'; readonly sinceMs: number }
  | { readonly state: 'disconnected'; readonly sinceMs: number; readonly reason: string };

/** One user's side of the bus. It reconnects by itself until it is disposed of. */
export type BusSide = AsyncDisposable & {
  connection(): BusConnection;
  /**
   * Waits until the bus is connected; does not wait if it is.
   * @returns `false` if the signal aborted first, or this side has been disposed of
   */
  whenConnected(signal: AbortSignal): Promise<boolean>;
};

/**
 * `dropped`: the bus could not be reached. The sample is not sent later, since the next one
 * replaces it.
 */
export type PublishOutcome = 'published' | 'dropped';

/** An agent's side of the bus. It writes the channel and the hash of one host, nothing else. */
export type SamplePublisher = BusSide & {
  /**
   * Publishes a sample and stores it as the last value. MUST NOT queue while disconnected; settles
   * within 5 s.
   */
  publish(sample: Sample): Promise<PublishOutcome>;
  /**
   * Stores the inventory now, and again after each reconnection and when a sample finds that the
   * target was removed. A sample published after this call is stored after the inventory.
   * @param version of the agent
   */
  describe(inventory: Inventory, version: string): void;
  /**
   * Reads which samples hubs missed and ask this host for; `null` if none. Rejects with `BusError`,
   * also if this user may not read it: agents older than backfills have such users.
   */
  readBackfillRequest(): Promise<BackfillRequest | null>;
  /** Stores the answer to a request; `null` removes it. Rejects with `BusError`. */
  storeBackfill(answer: BackfillAnswer | null): Promise<void>;
  /** Announces that the agent stops, if the bus can be reached. Settles within 1 s. */
  bye(instance: string): Promise<void>;
};

/**
 * Stored values of one target. A value that cannot be parsed is reported as rejected and `null`.
 */
export type StoredTarget = {
  readonly host: HostId;
  readonly sample: Sample | null;
  readonly inventory: Inventory | null;
};

/** Reasons why a message or a stored value is dropped. */
export const REJECTION_REASONS = [
  'bad_host',
  'oversized',
  'not_json',
  'wrong_shape',
  'wrong_host',
  /** The channel carries more than agents send. The message was not read. */
  'excess',
  /** The host is quarantined. The message was not read. */
  'quarantined',
] as const;
export type RejectionReason = (typeof REJECTION_REASONS)[number];

export type Rejection = {
  readonly reason: RejectionReason;
  /** Host that the channel or key names, if any. */
  readonly host: HostId | null;
  /** A sentence for the log. It MUST NOT quote the message. */
  readonly detail: string;
};

/** Receives what happens in the fleet. Its methods MUST NOT throw. */
export type FleetListener = {
  /** Returns false for a quarantined host, whose messages are dropped unread. */
  accepts(host: HostId): boolean;
  /**
   * @param sample may have unknown keys, so it MUST NOT be forwarded as a whole
   * @param json the sample as received, to keep for later: one string costs the garbage collector
   * far less than the hundreds of objects and numbers in it. It MUST NOT be forwarded, because it
   * may hold anything beside the sample: `parseSampleText` returns the sample alone
   */
  onSample(sample: Sample, json: string): void;
  onBye(host: HostId, bye: Bye): void;
  /**
   * A hub removed a target. Everything that its agent published before has been delivered. A sample
   * after this call means that the agent still runs.
   */
  onRemoved(host: HostId): void;
  /**
   * An operator added the host, changed its label or labels, or released it, or a hub quarantined
   * it, on any hub.
   */
  onRegistration(host: HostId, registration: Registration): void;
  /**
   * The last values of every target and every registration, after each acknowledged subscription,
   * so that samples published before it are not missed. Newer samples than these may have been
   * delivered already.
   */
  onCatchUp(targets: readonly StoredTarget[], registrations: ReadonlyMap<HostId, Registration>): void;
  /**
   * A host stores or publishes more than any agent does. Called again for as long as it does so and
   * is accepted.
   * @param reason a sentence without a full stop
   */
  onFlood(host: HostId, reason: string): void;
  onRejected(rejection: Rejection): void;
  onConnection(connection: BusConnection): void;
};

/** Outcome of a change of labels. Unless `changed`, nothing was stored. */
export type LabelsOutcome =
  | { readonly type: 'changed'; readonly registration: Registration }
  | { readonly type: 'unregistered' }
  /** The host would have more than `MAX_LABELS`. */
  | { readonly type: 'too_many' };

/** A hub's side of the bus, for samples. */
export type FleetBus = BusSide & {
  /**
   * Age in milliseconds of the last moment up to which this hub knows every sample; `null` before
   * the first and while disconnected. The connection that samples arrive on is pinged every 3 s, so
   * that a hub can distinguish a silent agent from a connection that delivers nothing. While there
   * is a {@link subscriptionIssue}, it is the start of the last reading of all samples.
   */
  lastEchoAgeMs(): number | null;
  /** Has the connection pinged now, unless an echo is awaited. */
  requestEcho(): void;
  /**
   * Reason why samples are read from the bus once an interval instead of received, as a sentence;
   * `null` if they are received.
   */
  subscriptionIssue(): string | null;
  /**
   * Asks a host's agent for samples that this hub missed. Repeat it until it is answered, since
   * another hub may replace it by one that covers both. Rejects with `BusError`.
   * @returns the request in force: that of another hub, if it covers this one
   */
  requestBackfill(host: HostId, request: BackfillRequest): Promise<BackfillRequest>;
  /**
   * Reads the answer to a request. Rejects with `BusError`.
   * @returns `null` while there is none, or it cannot be parsed
   */
  readBackfill(host: HostId, id: BackfillRequest['id']): Promise<Backfill | null>;
  /**
   * Stored inventories of some hosts. Hosts without a readable one are absent. Rejects with
   * `BusError`.
   */
  readInventories(hosts: readonly HostId[]): Promise<ReadonlyMap<HostId, Inventory>>;
  /**
   * The agent's offer to change its Redis password; `null` if it made none or it cannot be parsed.
   * Rejects with `BusError`.
   */
  readPasswordOffer(host: HostId): Promise<PasswordOffer | null>;
  /**
   * Every registration. One that cannot be parsed is reported as rejected. Rejects with `BusError`.
   */
  readRegistrations(): Promise<ReadonlyMap<HostId, Registration>>;
  /**
   * Merges registrations into the stored ones, each host in one step, since other hubs and
   * operators write them too. Stored label and labels stay, `firstSeenAtMs` is the earlier,
   * `lastSeenAtMs` the later, `status` the given one. A `quarantine` is taken only for a host of
   * which nothing is stored. Rejects with `BusError` if the bus cannot be reached; nothing is
   * queued.
   */
  register(registrations: ReadonlyMap<HostId, Registration>): Promise<void>;
  /**
   * Registers a host, which need not have published yet, and notifies every hub. A given label
   * replaces the stored one; everything else that is stored stays. Rejects with `BusError`.
   * @returns the stored registration
   */
  add(host: HostId, label: string | null): Promise<Registration>;
  /**
   * Changes the labels of a host in one step, and notifies every hub. Rejects with `BusError`.
   * @param unstored registration of a known host that may not be stored yet; `null`: the host must
   *   be registered
   */
  changeLabels(host: HostId, changes: LabelChanges, unstored: Registration | null): Promise<LabelsOutcome>;
  /**
   * Removes a target, its registration and last values, and notifies every hub. An agent that still
   * publishes registers the target again. Rejects with `BusError`.
   * @returns `false` if nothing of the target was stored
   */
  remove(host: HostId): Promise<boolean>;
  /**
   * Stores that a host is quarantined, and notifies every hub. A stored quarantine stays. Rejects
   * with `BusError`.
   * @returns the stored quarantine; `isNew`: false if there was one
   */
  quarantine(
    host: HostId,
    quarantine: Quarantine,
  ): Promise<{ readonly isNew: boolean; readonly quarantine: Quarantine }>;
  /**
   * Ends the quarantine of a host, and notifies every hub. Rejects with `BusError`.
   * @returns `false` if it was not quarantined
   */
  release(host: HostId): Promise<boolean>;
};
