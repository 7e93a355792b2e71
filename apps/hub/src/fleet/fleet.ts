import {
  BusError,
  type FleetListener,
  type Rejection,
  type RejectionReason,
  type StoredTarget,
} from '@booner/bus';
import type { Bye, HostId, Inventory, Registration, Sample } from '@booner/protocol';
import { compareHosts } from '@booner/protocol/compare-hosts';
import { type Instant, TargetEntry } from './target-entry.ts';

/** Missed intervals after which a target is offline. */
const OFFLINE_INTERVALS = 3;
/** What a sample may be late by on its way. With the default interval a target is offline within 10 s of its last sample. */
const DELIVERY_SLACK_MS = 250;
/** The longest pause between two tries of an agent to reach the bus: it may come back this much later than the hub. */
const AGENT_RECONNECT_MS = 5000;
/** A sample waits this long for an inventory that is not stored, although it names one: its agent may be storing it again. */
const DESCRIBE_WAIT_MS = 3000;
/** A check of verdicts that comes this much too late was held up with everything else in the process: it heard nobody. */
const STALL_MS = 1000;

export type FleetOptions = {
  /** Interval of targets that never said theirs. */
  readonly intervalMs: number;
  readonly now: () => Instant;
};

/** A sample of a target that is not shown as active before its inventory is there. */
type HeldSample = {
  readonly sample: Sample;
  readonly json: string;
  readonly at: Instant;
  readonly sinceMs: number;
};

/** What is worth telling at once: a status or conflict that changed, a target first described or removed by an operator. */
export type Transition = {
  readonly entry: TargetEntry;
  readonly kind: 'status' | 'conflict' | 'described' | 'removed';
};

export type FleetChanges = {
  readonly changed: ReadonlySet<TargetEntry>;
  readonly removed: ReadonlySet<HostId>;
};

/**
 * The hub's picture of all targets, made of what it hears on the bus. Verdicts are by the hub's monotonic clock: a target is
 * offline after three silent intervals in which the hub could hear at all.
 */
export class Fleet
  implements Pick<FleetListener, 'onSample' | 'onBye' | 'onRemoved' | 'onCatchUp' | 'onRejected'>
{
  readonly #options: FleetOptions;
  readonly #entries = new Map<HostId, TargetEntry>();
  readonly #rejections = new Map<RejectionReason, number>();
  /** The newest sample of each target that awaits its inventory, by host. */
  readonly #held = new Map<HostId, HeldSample>();
  #sorted: readonly TargetEntry[] | null = null;
  #changed = new Set<TargetEntry>();
  #removed = new Set<HostId>();
  #transitions: Transition[] = [];
  #samples = 0;
  #isLoaded = false;
  /** Since when the hub hears, monotonic; `null` while the bus is away. */
  #listeningSinceMs: number | null = null;
  #judgedAtMs: number | null = null;

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  /** True once the bus was read: before, what is known is not the whole fleet. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /**
   * This fleet, for an answer about it.
   * @throws BusError `disconnected` before the bus was read for the first time
   */
  requireLoaded(): this {
    if (!this.#isLoaded) throw new BusError('disconnected', 'the fleet has not been read yet');
    return this;
  }

  /** All targets, by host. */
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

  /** Samples taken and messages dropped (by reason) since the start. */
  counts(): { samples: number; rejections: ReadonlyMap<RejectionReason, number> } {
    return { samples: this.#samples, rejections: this.#rejections };
  }

  /** What changed since the last call. */
  takeChanges(): FleetChanges {
    const changes = { changed: this.#changed, removed: this.#removed };
    this.#changed = new Set();
    this.#removed = new Set();
    return changes;
  }

  /** The transitions since the last call. */
  takeTransitions(): readonly Transition[] {
    const transitions = this.#transitions;
    this.#transitions = [];
    return transitions;
  }

  onSample(sample: Sample, json: string): void {
    this.#samples++;
    const at = this.#options.now();
    if (this.#awaitsInventory(sample)) {
      const sinceMs = this.#held.get(sample.host)?.sinceMs ?? at.monotonicMs;
      this.#held.set(sample.host, { sample, json, at, sinceMs });
      return;
    }
    this.#held.delete(sample.host);
    this.#hear(sample, json, at);
  }

  /** Targets whose stored inventory is wanted now: they are not shown as active before it is there. */
  undescribed(): readonly HostId[] {
    return [...this.#held.keys()];
  }

  /** Returns true while a sample of this target waits for its inventory. */
  holds(host: HostId): boolean {
    return this.#held.has(host);
  }

  #hear(sample: Sample, json: string, at: Instant): void {
    const entry = this.#entryOf(sample.host);
    const conflictBefore = entry.conflicting !== null;
    const turned = entry.hear(sample, json, at, this.#silentAfterMs(sample.intervalMs));
    this.#changed.add(entry);
    if (turned) this.#transitions.push({ entry, kind: 'status' });
    if ((entry.conflicting !== null) !== conflictBefore) this.#transitions.push({ entry, kind: 'conflict' });
  }

  /** A target that is already shown does not wait for its inventory: what is known of it stays shown. */
  #awaitsInventory({ host, inventoryTakenAtMs }: Sample): boolean {
    const entry = this.#entries.get(host);
    return inventoryTakenAtMs !== null && entry?.status !== 'active' && entry?.isDescribed !== true;
  }

  /** Shows a target whose inventory came, or did not come in time. */
  #release(host: HostId): void {
    const held = this.#held.get(host);
    if (held === undefined) return;
    this.#held.delete(host);
    this.#hear(held.sample, held.json, held.at);
  }

  onBye(host: HostId, { instance }: Bye): void {
    const held = this.#held.get(host);
    if (held !== undefined && (instance === undefined || held.sample.instance === instance))
      this.#held.delete(host);
    const entry = this.#entries.get(host);
    if (entry === undefined) return;
    this.#changed.add(entry);
    if (entry.leave(instance)) this.#transitions.push({ entry, kind: 'status' });
  }

  onRemoved(host: HostId): void {
    this.#held.delete(host);
    const entry = this.#entries.get(host);
    if (entry !== undefined) this.#forget(entry);
  }

  onCatchUp(targets: readonly StoredTarget[], registrations: ReadonlyMap<HostId, Registration>): void {
    const isFirst = !this.#isLoaded;
    this.listen(true);
    this.#isLoaded = true;
    // A bus that came back empty tells nothing of the fleet; what is known is registered again.
    if (registrations.size > 0) {
      this.onRegistrations(registrations);
      // What is not there in any way was removed while this hub was deaf. An agent that goes on says so itself.
      const stored = new Set(targets.map(({ host }) => host));
      for (const entry of this.#entries.values()) {
        if (!stored.has(entry.host) && !registrations.has(entry.host)) this.#forget(entry);
      }
    }
    for (const { host, sample, inventory } of targets) {
      const entry = this.#entryOf(host);
      entry.recall(sample, inventory);
      this.#changed.add(entry);
      if (inventory !== null) this.#release(host);
    }
    if (isFirst) this.takeChanges(); // nobody was shown anything before: everybody begins with all of this
  }

  /**
   * Takes the registrations of the whole fleet: hosts that others registered come, those that are in none and silent go.
   * @param inventories what is stored of those that come
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

  /** Takes the registration of one target; one that is not known yet comes. */
  onRegistration(host: HostId, registration: Registration): void {
    const isNew = !this.#entries.has(host);
    const entry = this.#entryOf(host);
    const change = entry.merge(registration);
    if (change !== 'nothing' || isNew) this.#changed.add(entry);
    if (change === 'status') this.#transitions.push({ entry, kind: 'status' });
  }

  /** Takes the inventory of a target that is shown, or that was heard and awaits it. */
  onInventory(host: HostId, inventory: Inventory): void {
    const entry = this.#held.has(host) ? this.#entryOf(host) : this.#entries.get(host);
    if (entry === undefined) return;
    if (entry.describe(inventory)) this.#transitions.push({ entry, kind: 'described' });
    this.#changed.add(entry);
    this.#release(host);
  }

  /** Takes what was found of targets whose inventory was wanted. One that waited long enough is shown without. */
  onInventories(wanted: readonly HostId[], found: ReadonlyMap<HostId, Inventory>): void {
    const { monotonicMs } = this.#options.now();
    for (const host of wanted) {
      const inventory = found.get(host);
      const sinceMs = this.#held.get(host)?.sinceMs ?? monotonicMs;
      if (inventory !== undefined) this.onInventory(host, inventory);
      else if (monotonicMs - sinceMs > DESCRIBE_WAIT_MS) this.#release(host);
    }
  }

  onRejected({ reason }: Rejection): void {
    this.#rejections.set(reason, (this.#rejections.get(reason) ?? 0) + 1);
  }

  /** The bus came (`true`) or went (`false`). While it is away nobody is declared offline: it is the hub that is deaf. */
  listen(able: boolean): void {
    this.#listeningSinceMs = able ? this.#options.now().monotonicMs : null;
  }

  /**
   * Declares offline who has been silent for too long. To be called several times a second.
   * @param echoAgeMs age of the last proof that the hub hears, `null` without one: silence after it proves nothing
   */
  judge(echoAgeMs: number | null): void {
    const { monotonicMs } = this.#options.now();
    const stalled = this.#judgedAtMs !== null && monotonicMs - this.#judgedAtMs > STALL_MS;
    this.#judgedAtMs = monotonicMs;
    if (this.#listeningSinceMs === null || echoAgeMs === null) return;
    if (stalled) this.#listeningSinceMs = monotonicMs;
    const heardUntilMs = monotonicMs - echoAgeMs;
    for (const entry of this.#entries.values()) this.#judgeOne(entry, heardUntilMs, this.#listeningSinceMs);
  }

  #judgeOne(entry: TargetEntry, nowMs: number, listeningSinceMs: number): void {
    const intervalMs = entry.figures?.intervalMs ?? this.#options.intervalMs;
    const silentAfterMs = this.#silentAfterMs(intervalMs);
    if (entry.settle(nowMs, silentAfterMs)) {
      this.#changed.add(entry);
      this.#transitions.push({ entry, kind: 'conflict' });
    }
    const unheard = entry.status === 'pending' && entry.figures === null;
    if (entry.status === 'offline' || unheard) return;
    const { heardAtMs } = entry;
    const returnMs = AGENT_RECONNECT_MS + intervalMs + DELIVERY_SLACK_MS;
    const dueMs =
      heardAtMs !== null && heardAtMs > listeningSinceMs
        ? heardAtMs + silentAfterMs
        : listeningSinceMs + Math.max(silentAfterMs, returnMs);
    if (nowMs <= dueMs) return;
    this.#changed.add(entry);
    if (entry.declareOffline()) this.#transitions.push({ entry, kind: 'status' });
  }

  #silentAfterMs(intervalMs: number = this.#options.intervalMs): number {
    return OFFLINE_INTERVALS * intervalMs + DELIVERY_SLACK_MS;
  }

  #forget(entry: TargetEntry): void {
    this.#entries.delete(entry.host);
    this.#sorted = null;
    this.#changed.delete(entry);
    this.#removed.add(entry.host);
    this.#transitions.push({ entry, kind: 'removed' });
  }

  #entryOf(host: HostId): TargetEntry {
    let entry = this.#entries.get(host);
    if (entry === undefined) {
      entry = new TargetEntry(host, {
        label: null,
        firstSeenAtMs: null,
        lastSeenAtMs: null,
        status: 'pending',
      });
      this.#entries.set(host, entry);
      this.#sorted = null;
      this.#removed.delete(host);
    }
    return entry;
  }
}
