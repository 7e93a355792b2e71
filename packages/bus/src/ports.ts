import type { Bye, HostId, Inventory, Registration, Sample } from '@booner/protocol';

/** Whether the bus can be reached. Times are Unix milliseconds of this process's clock. */
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

/** What happened to a sample: `dropped` when the bus could not be reached. It is not sent later; the next one replaces it. */
export type PublishOutcome = 'published' | 'dropped';

/** An agent's side of the bus. Writes the channel and the hash of one host, nothing else. */
export type SamplePublisher = BusSide & {
  /** Publishes a sample and stores it as the last value. MUST NOT queue while disconnected; ends within 5 s. */
  publish(sample: Sample): Promise<PublishOutcome>;
  /**
   * Stores the inventory now, and again whenever the bus comes back, or a sample finds that the target was removed. `version` is the
   * agent's. A sample that is published after it is stored after it.
   */
  describe(inventory: Inventory, version: string): void;
  /** Says that the agent stops, if the bus can be reached; ends within 1 s. */
  bye(instance: string): Promise<void>;
};

/** What the bus holds of one target. A value that is there but cannot be read is reported as rejected, and `null` here. */
export type StoredTarget = {
  readonly host: HostId;
  readonly sample: Sample | null;
  readonly inventory: Inventory | null;
};

/** Why a message or a stored value was dropped. */
export type RejectionReason = 'bad_host' | 'oversized' | 'not_json' | 'wrong_shape' | 'wrong_host';

export type Rejection = {
  readonly reason: RejectionReason;
  /** Host that the channel or key names; `null` when it names none. */
  readonly host: HostId | null;
  /** A sentence for the log, without the message itself. */
  readonly detail: string;
};

/** Receives what happens in the fleet. MUST NOT throw. */
export type FleetListener = {
  /**
   * @param json the sample as it came, for those who keep or pass it on: one text costs the garbage collector far less than the
   * hundreds of objects and numbers in it
   */
  onSample(sample: Sample, json: string): void;
  onBye(host: HostId, bye: Bye): void;
  /** Some hub removed a target. What its agent published before has been delivered; a sample after this means that it goes on. */
  onRemoved(host: HostId): void;
  /**
   * The stored last value of every target and every registration: once after each acknowledged subscription, so that what
   * was published while nobody listened is not missed. Samples newer than these may have been delivered before.
   */
  onCatchUp(targets: readonly StoredTarget[], registrations: ReadonlyMap<HostId, Registration>): void;
  onRejected(rejection: Rejection): void;
  onConnection(connection: BusConnection): void;
};

/** A hub's side of the bus, for samples. */
export type FleetBus = BusSide & {
  /**
   * Milliseconds since the bus last proved that it delivers on the connection that samples arrive on; `null` before the first
   * time and while disconnected. Asked for twice a second, so that a hub can tell a silent agent from its own deafness.
   */
  lastEchoAgeMs(): number | null;
  /** The stored inventories of some hosts; a host without a readable one is absent. Rejects with `BusError`. */
  readInventories(hosts: readonly HostId[]): Promise<ReadonlyMap<HostId, Inventory>>;
  /** Every registration; one that cannot be read is reported as rejected and absent. Rejects with `BusError`. */
  readRegistrations(): Promise<ReadonlyMap<HostId, Registration>>;
  /**
   * Merges registrations into what is stored, in one step a host, since other hubs and operators write them too: a stored label
   * stays, `firstSeenAtMs` is the earlier, `lastSeenAtMs` the later, `status` the given one. Rejects with `BusError` when the bus
   * cannot be reached; nothing is queued.
   */
  register(registrations: ReadonlyMap<HostId, Registration>): Promise<void>;
  /**
   * Registers a host that need not have been heard. A given label takes the place of the stored one; all else that is stored stays.
   * Rejects with `BusError`.
   * @returns what is stored now
   */
  add(host: HostId, label: string | null): Promise<Registration>;
  /**
   * Forgets a target: its registration and its last value; every hub is told. An agent that goes on to publish brings it back.
   * Rejects with `BusError`.
   * @returns whether there was anything of it
   */
  remove(host: HostId): Promise<boolean>;
};
