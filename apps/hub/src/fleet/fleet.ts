import {
  BusError,
  type FleetListener,
  type Rejection,
  type RejectionReason,
  type StoredTarget,
} from '@booner/bus';
import type { Bye, HostId, Inventory, Quarantine, Registration, Sample } from '@booner/protocol';
import { compareHosts } from '@booner/protocol/compare-hosts';
import { FleetChangeLog, type FleetChanges, type Transition } from './fleet-changes.ts';
import { type HeldSample, HeldSamples } from './held-samples.ts';
import { offlineAtMs, silentAfterMs } from './offline-time.ts';
import { type Instant, TargetEntry } from './target-entry.ts';

/**
 * Time that a sample waits for an inventory that it names but that is not stored: its agent may be
 * storing it again.
 */
const DESCRIBE_WAIT_MS = 3000;
/**
 * An update later than this was held up with the whole process, which received nothing meanwhile.
 */
const STALL_MS = 1000;

export type FleetOptions = {
  /** Interval of targets whose own is not known. */
  readonly intervalMs: number;
  readonly now: () => Instant;
};

/**
 * `held`: shown once the inventory of its target is known or late. `ignored`: another agent speaks
 * for the host.
 */
export type SampleOutcome = 'shown' | 'held' | 'ignored';

/**
 * All targets as the hub knows them from the bus. Statuses go by the hub's monotonic clock: a
 * target is offline after three silent intervals in which the hub was able to receive.
 */
export class Fleet
  implements
    Pick<
      FleetListener,
      'accepts' | 'onSample' | 'onBye' | 'onRemoved' | 'onRegistration' | 'onCatchUp' | 'onRejected'
    >
{
  readonly #options: FleetOptions;
  readonly #entries = new Map<HostId, TargetEntry>();
  readonly #rejections = new Map<RejectionReason, number>();
  readonly #held = new HeldSamples();
  readonly #changes = new FleetChangeLog();
  #sorted: readonly TargetEntry[] | null = null;
  #samples = 0;
  readonly #rosterListeners: (() => void)[] = [];
  #rosterRevision = 0;
  #isLoaded = false;
  /** Monotonic time since which the hub receives; `null` while it does not. */
  #receivingSinceMs: number | null = null;
  #updatedAtMs: number | null = null;

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  /** True once the bus was read. Before that, the known targets are not the whole fleet. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /**
   * Returns this fleet for an answer about it.
   * @throws BusError `disconnected` before the bus was read for the first time
   */
  requireLoaded(): this {
    if (!this.#isLoaded) throw new BusError('disconnected', 'the fleet has not been read yet');
    return this;
  }

  /** Returns all targets in the order of their hosts. */
  entries(): readonly TargetEntry[] {
    this.#sorted ??= [...this.#entries.values()].sort((a, b) => compareHosts(a.host, b.host));
    return this.#sorted;
  }

  get(host: HostId): TargetEntry | null {
    return this.#entries.get(host) ?? null;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Calls back after each change of {@link rosterRevision}. */
  onRosterChange(listener: () => void): void {
    this.#rosterListeners.push(listener);
  }

  /** Changes whenever a host is added or removed, or operators change the labels of one. */
  get rosterRevision(): number {
    return this.#rosterRevision;
  }

  /** Returns samples received and messages dropped (by reason) since the start. */
  counts(): { samples: number; rejections: ReadonlyMap<RejectionReason, number> } {
    return { samples: this.#samples, rejections: this.#rejections };
  }

  /** Returns what changed since the last call. */
  takeChanges(): FleetChanges {
    return this.#changes.takeChanges();
  }

  /** Returns the transitions since the last call. */
  takeTransitions(): readonly Transition[] {
    return this.#changes.takeTransitions();
  }

  accepts(host: HostId): boolean {
    return this.#entries.get(host)?.quarantine == null;
  }

  /** Returns the hosts that are quarantined. */
  quarantined(): ReadonlySet<HostId> {
    return new Set([...this.#entries.values()].filter((entry) => entry.quarantine).map(({ host }) => host));
  }

  onSample(sample: Sample, json: string): SampleOutcome {
    this.#samples++;
    const received: HeldSample = { sample, json, at: this.#options.now() };
    if (this.#awaitsInventory(sample)) {
      this.#held.hold(received);
      return 'held';
    }
    this.#held.drop(sample.host);
    return this.#receive(received) ? 'shown' : 'ignored';
  }

  /** Returns targets whose stored inventory is needed: they are not shown as active without it. */
  undescribed(): readonly HostId[] {
    return this.#held.hosts();
  }

  /** @returns whether the sample is shown */
  #receive({ sample, json, at }: HeldSample): boolean {
    const entry = this.#entryOf(sample.host);
    const hadConflict = entry.conflicting !== null;
    const { isShown, statusChanged } = entry.receive(sample, json, at, silentAfterMs(sample.intervalMs));
    this.#changes.note(entry);
    if (statusChanged) this.#changes.noteTransition(entry, 'status');
    if ((entry.conflicting !== null) !== hadConflict) this.#changes.noteTransition(entry, 'conflict');
    return isShown;
  }

  /** Active targets do not wait for an inventory: the known one stays visible. */
  #awaitsInventory({ host, inventoryTakenAtMs }: Sample): boolean {
    const entry = this.#entries.get(host);
    return inventoryTakenAtMs !== null && entry?.status !== 'active' && entry?.isDescribed !== true;
  }

  /** Shows a target whose inventory has arrived or is late. */
  #release(host: HostId): void {
    const held = this.#held.take(host);
    if (held !== null) this.#receive(held);
  }

  onBye(host: HostId, { instance }: Bye): void {
    this.#held.drop(host, instance);
    const entry = this.#entries.get(host);
    if (entry === undefined) return;
    this.#changes.note(entry);
    if (entry.leave(instance)) this.#changes.noteTransition(entry, 'status');
  }

  onRemoved(host: HostId): void {
    this.#held.drop(host);
    const entry = this.#entries.get(host);
    if (entry !== undefined) this.#forget(entry);
  }

  onCatchUp(targets: readonly StoredTarget[], registrations: ReadonlyMap<HostId, Registration>): void {
    const isFirst = !this.#isLoaded;
    if (this.#receivingSinceMs === null) this.setReceiving(true);
    this.#isLoaded = true;
    // A bus that was emptied says nothing about the fleet; what is known is registered again.
    if (registrations.size > 0) {
      this.onRegistrations(registrations);
      // A target of which nothing is stored was removed while this hub could not receive. If its
      // agent still runs, the next sample adds it again.
      const stored = new Set(targets.map(({ host }) => host));
      for (const entry of this.#entries.values()) {
        if (!stored.has(entry.host) && !registrations.has(entry.host)) this.#forget(entry);
      }
    }
    for (const { host, sample, inventory } of targets) {
      const entry = this.#entryOf(host);
      entry.recall(sample, inventory);
      this.#changes.note(entry);
      if (inventory !== null) this.#release(host);
    }
    // Nothing was shown before: every client starts from all of this.
    if (isFirst) this.takeChanges();
  }

  /**
   * Takes the registrations of the whole fleet. Adds hosts that others registered; removes silent
   * hosts without a registration.
   * @param inventories stored ones of added hosts
   */
  onRegistrations(
    registrations: ReadonlyMap<HostId, Registration>,
    inventories: ReadonlyMap<HostId, Inventory> = new Map(),
  ): void {
    for (const [host, registration] of registrations) {
      this.onRegistration(host, registration);
      const inventory = inventories.get(host);
      if (inventory !== undefined) this.onInventory(host, inventory);
    }
    for (const [host, entry] of this.#entries) {
      if (entry.status !== 'active' && !registrations.has(host)) this.#forget(entry);
    }
  }

  /** Takes the registration of one target. Adds an unknown one. */
  onRegistration(host: HostId, registration: Registration): void {
    const isNew = !this.#entries.has(host);
    const entry = this.#entryOf(host);
    const { operatorLabels } = entry.subject;
    const sinceMs = entry.quarantine?.sinceMs;
    const change = entry.merge(registration);
    if (sinceMs !== entry.quarantine?.sinceMs) this.#noteQuarantine(entry);
    if (change !== 'nothing' || isNew) this.#changes.note(entry);
    if (change === 'status') this.#changes.noteTransition(entry, 'status');
    if (entry.subject.operatorLabels === operatorLabels) return;
    this.#changes.noteTransition(entry, 'labels');
    this.#noteRosterChange();
  }

  /**
   * Takes that some hub quarantined a host or, with `null`, released it. A quarantined target is
   * offline: what its agent says is not believed.
   */
  onQuarantine(host: HostId, quarantine: Quarantine | null): void {
    const entry = quarantine === null ? this.#entries.get(host) : this.#entryOf(host);
    if (entry === undefined || entry.quarantine?.sinceMs === quarantine?.sinceMs) return;
    entry.setQuarantine(quarantine);
    this.#noteQuarantine(entry);
  }

  #noteQuarantine(entry: TargetEntry): void {
    this.#changes.noteTransition(entry, 'quarantine');
    if (entry.quarantine === null) return;
    this.#held.drop(entry.host);
    if (entry.status === 'active' && entry.declareOffline()) this.#changes.noteTransition(entry, 'status');
  }

  /** Takes the inventory of a target that is shown or whose sample is held. */
  onInventory(host: HostId, inventory: Inventory): void {
    const entry = this.#held.has(host) ? this.#entryOf(host) : this.#entries.get(host);
    if (entry === undefined) return;
    this.#changes.note(entry);
    if (entry.describe(inventory)) this.#changes.noteTransition(entry, 'described');
    this.#release(host);
  }

  /**
   * Takes inventories that were looked up. A target that waited long enough is shown without one.
   */
  onInventories(wanted: readonly HostId[], found: ReadonlyMap<HostId, Inventory>): void {
    const { monotonicMs } = this.#options.now();
    for (const host of wanted) {
      const inventory = found.get(host);
      if (inventory !== undefined) this.onInventory(host, inventory);
      else if (this.#held.waitedMs(host, monotonicMs) > DESCRIBE_WAIT_MS) this.#release(host);
    }
  }

  onRejected({ reason }: Rejection): void {
    this.#rejections.set(reason, (this.#rejections.get(reason) ?? 0) + 1);
  }

  /**
   * Takes whether the hub can receive from the bus. While it cannot, no target is declared offline:
   * silence is the hub's own.
   */
  setReceiving(isReceiving: boolean): void {
    this.#receivingSinceMs = isReceiving ? this.#options.now().monotonicMs : null;
  }

  /**
   * Declares offline the targets that have been silent for too long. MUST be called several times a
   * second.
   * @param echoAgeMs age of the last proof that the hub receives, `null` without one: silence since
   *   then proves nothing
   * @returns whether a newer proof would make a target offline
   */
  updateStatuses(echoAgeMs: number | null): boolean {
    const { monotonicMs } = this.#options.now();
    const stalled = this.#updatedAtMs !== null && monotonicMs - this.#updatedAtMs > STALL_MS;
    this.#updatedAtMs = monotonicMs;
    if (this.#receivingSinceMs === null || echoAgeMs === null) return false;
    if (stalled) this.#receivingSinceMs = monotonicMs;
    const receivedUntilMs = monotonicMs - echoAgeMs;
    let isProofWanted = false;
    for (const entry of this.#entries.values()) {
      const silentFromMs = this.#updateStatus(entry, receivedUntilMs, this.#receivingSinceMs);
      if (silentFromMs !== null && silentFromMs < monotonicMs) isProofWanted = true;
    }
    return isProofWanted;
  }

  /** @returns the time from which the target is offline unless heard; `null`: it is offline */
  #updateStatus(entry: TargetEntry, nowMs: number, receivingSinceMs: number): number | null {
    const intervalMs = entry.figures?.intervalMs ?? this.#options.intervalMs;
    if (entry.forgetSilentAgents(nowMs, silentAfterMs(intervalMs)))
      this.#changes.noteTransition(entry, 'conflict');
    const neverSampled = entry.status === 'pending' && entry.figures === null;
    if (entry.status === 'offline' || neverSampled) return null;
    const silentFromMs = offlineAtMs(entry.lastReceivedAtMs, receivingSinceMs, intervalMs);
    if (nowMs <= silentFromMs) return silentFromMs;
    this.#changes.note(entry);
    if (entry.declareOffline()) this.#changes.noteTransition(entry, 'status');
    return null;
  }

  #forget(entry: TargetEntry): void {
    this.#entries.delete(entry.host);
    this.#sorted = null;
    this.#noteRosterChange();
    this.#changes.noteRemoved(entry);
  }

  #noteRosterChange(): void {
    this.#rosterRevision++;
    for (const listener of this.#rosterListeners) listener();
  }

  #entryOf(host: HostId): TargetEntry {
    let entry = this.#entries.get(host);
    if (entry === undefined) {
      entry = new TargetEntry(host, {
        label: null,
        labels: {},
        firstSeenAtMs: null,
        lastSeenAtMs: null,
        status: 'pending',
      });
      this.#entries.set(host, entry);
      this.#sorted = null;
      this.#noteRosterChange();
      this.#changes.note(entry);
    }
    return entry;
  }
}
