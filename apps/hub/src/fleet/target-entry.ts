import { parseSampleText } from '@booner/bus';
import type {
  AccessSubject,
  HostId,
  Inventory,
  Labels,
  Quarantine,
  Registration,
  Sample,
  TargetStatus,
  TargetSummary,
  ViewSubject,
} from '@booner/protocol';
import { deploymentTarget, inventoryText } from '@booner/protocol/status-texts';
import { AgentInstances } from './agent-instances.ts';
import { StoredText } from './stored-text.ts';
import { figuresOf, summaryOf, type TargetFigures } from './target-figures.ts';

/** Networks and intervals cause a skew below this; a larger one is shown. */
const SHOWN_SKEW_MS = 5000;

/** The hub's clocks in milliseconds: `monotonicMs` decides, `wallMs` (Unix time) is shown. */
export type Instant = { readonly monotonicMs: number; readonly wallMs: number };

/** A target as selectors of both kinds match it. */
export type SelectorSubject = AccessSubject & ViewSubject;

/** Facts that the texts of an entry are made of. */
type Facts = {
  readonly registration: Registration;
  readonly figures: TargetFigures | null;
  readonly inventory: Inventory | null;
  readonly clockSkewMs: number | null;
  readonly conflicting: string[] | null;
};

/** Everything that a hub knows of one target. */
export class TargetEntry {
  readonly host: HostId;
  readonly #instances = new AgentInstances();
  readonly #sampleText = new StoredText();
  /** Replaced by {@link #update} alone, which drops the texts. */
  #facts: Facts;
  #texts: { summary?: string; full?: string; version1?: string } = {};
  #subject: { readonly inventory: Inventory | null; readonly value: SelectorSubject } | null = null;
  #lastReceivedAtMs: number | null = null;
  /** True once this hub decided the status itself instead of taking it from a registration. */
  #decidedStatus = false;

  constructor(host: HostId, registration: Registration) {
    this.host = host;
    this.#facts = { registration, figures: null, inventory: null, clockSkewMs: null, conflicting: null };
  }

  get status(): TargetStatus {
    return this.#facts.registration.status;
  }

  get registration(): Registration {
    return this.#facts.registration;
  }

  /** `null` unless the host is quarantined. */
  get quarantine(): Quarantine | null {
    return this.registration.quarantine ?? null;
  }

  /** The operator's label, or else the one that the agent reports. */
  get label(): string | null {
    return this.registration.label ?? this.#facts.inventory?.label ?? null;
  }

  /** Figures of the last sample that was shown, received live or stored. */
  get figures(): TargetFigures | null {
    return this.#facts.figures;
  }

  /** Agent instances that claim this host, the shown one first; `null` without a conflict. */
  get conflicting(): string[] | null {
    return this.#facts.conflicting;
  }

  /** Monotonic time of the last live sample; `null` if there was none since the hub started. */
  get lastReceivedAtMs(): number | null {
    return this.#lastReceivedAtMs;
  }

  /** Version that the agent reported last; `null` if no inventory is known. */
  get agentVersion(): string | null {
    return this.#facts.inventory?.agentVersion ?? null;
  }

  get clockSkewMs(): number | null {
    return this.#facts.clockSkewMs;
  }

  /** The labels and properties that selectors match. The same object until one of them changes. */
  get subject(): SelectorSubject {
    const { inventory, registration } = this.#facts;
    const known = this.#subject;
    if (known?.inventory === inventory && known.value.operatorLabels === registration.labels)
      return known.value;
    const value = subjectOf(this.host, inventory, registration.labels);
    this.#subject = { inventory, value };
    return value;
  }

  /**
   * True if the target is the machine of this inventory: it runs the same kernel since the same
   * boot, under the same name. Containers share the kernel, and have names of their own.
   */
  isMachineOf({ bootId, hostname }: Inventory): boolean {
    const { inventory } = this.#facts;
    return bootId != null && inventory?.bootId === bootId && inventory.hostname === hostname;
  }

  /** True if an inventory is known, even an outdated one. */
  get isDescribed(): boolean {
    return this.#facts.inventory !== null;
  }

  /** True if the agent has stored another inventory than the known one. */
  get inventoryIsStale(): boolean {
    const takenAtMs = this.figures?.inventoryTakenAtMs ?? null;
    return takenAtMs !== null && takenAtMs !== this.#facts.inventory?.takenAtMs;
  }

  /**
   * Takes a live sample with its text.
   * @returns `isShown`: false if another agent speaks for this host
   */
  receive(
    sample: Sample,
    json: string,
    now: Instant,
    silentAfterMs: number,
  ): { readonly isShown: boolean; readonly statusChanged: boolean } {
    const isCurrent = this.#instances.receive(sample.instance, now.monotonicMs, silentAfterMs);
    const isShown = isCurrent || this.figures === null;
    this.#lastReceivedAtMs = now.monotonicMs;
    this.#decidedStatus = true;
    const registration: Registration = {
      ...this.registration,
      status: 'active',
      firstSeenAtMs: this.registration.firstSeenAtMs ?? now.wallMs,
      lastSeenAtMs: now.wallMs,
    };
    if (!isShown) return { isShown, statusChanged: this.#update({ registration }) };
    const skewMs = sample.sampledAtMs - now.wallMs;
    const clockSkewMs = Math.abs(skewMs) > SHOWN_SKEW_MS ? skewMs : null;
    const shown = { registration, figures: figuresOf(sample), clockSkewMs };
    return { isShown, statusChanged: this.#update(shown, json) };
  }

  /** Takes stored values. They are old and do not prove that the host is up. */
  recall(sample: Sample | null, inventory: Inventory | null): void {
    if (inventory !== null) this.#update({ inventory });
    if (sample !== null && this.#lastReceivedAtMs === null)
      this.#update({ figures: figuresOf(sample) }, JSON.stringify(sample));
  }

  /** @returns whether this is the target's first description */
  describe(inventory: Inventory): boolean {
    const isFirst = !this.isDescribed;
    this.#update({ inventory });
    return isFirst;
  }

  /**
   * Takes what another hub or an operator registered. A status that this hub decided itself stays.
   * @returns what changed
   */
  merge({
    label,
    labels,
    firstSeenAtMs,
    lastSeenAtMs,
    status,
    quarantine,
  }: Registration): 'nothing' | 'facts' | 'status' {
    const own = this.registration;
    const merged: Registration = {
      label,
      labels: areEqual(labels, own.labels) ? own.labels : labels,
      firstSeenAtMs: firstSeenAtMs ?? own.firstSeenAtMs,
      lastSeenAtMs: this.#decidedStatus ? own.lastSeenAtMs : lastSeenAtMs,
      status: this.#decidedStatus ? own.status : status,
      ...(quarantine === undefined ? {} : { quarantine }),
    };
    const isSame =
      merged.label === own.label &&
      merged.labels === own.labels &&
      merged.firstSeenAtMs === own.firstSeenAtMs &&
      merged.lastSeenAtMs === own.lastSeenAtMs &&
      merged.status === own.status &&
      merged.quarantine?.sinceMs === own.quarantine?.sinceMs;
    if (isSame) return 'nothing';
    return this.#update({ registration: merged }) ? 'status' : 'facts';
  }

  /** Takes that an agent of this host stopped cleanly. @returns whether the status changed */
  leave(instance: string | undefined): boolean {
    const isAnyLeft = this.#instances.leave(instance);
    this.#update({});
    return isAnyLeft ? false : this.declareOffline();
  }

  /** @returns whether the status changed */
  declareOffline(): boolean {
    this.#instances.leave(undefined);
    this.#decidedStatus = true;
    return this.#update({ registration: { ...this.registration, status: 'offline' } });
  }

  /** Takes that the host was quarantined or, with `null`, released. */
  setQuarantine(quarantine: Quarantine | null): void {
    const { quarantine: _, ...registration } = this.registration;
    this.#update({ registration: quarantine === null ? registration : { ...registration, quarantine } });
  }

  /** Forgets agents that fell silent. @returns whether that ended a conflict */
  forgetSilentAgents(nowMs: number, silentAfterMs: number): boolean {
    if (this.conflicting === null) return false;
    this.#instances.forgetSilent(nowMs, silentAfterMs);
    this.#update({});
    return this.conflicting === null;
  }

  /** Returns the entry in `deployment_targets` of version 1 as JSON, encoded once per change. */
  version1Json(): string {
    this.#texts.version1 ??= JSON.stringify(
      deploymentTarget({
        host: this.host,
        status: this.status,
        cpuUsageRatio: this.figures?.cpuUsageRatio ?? null,
        specs: this.#specs(),
        conflictingInstances: this.conflicting,
      }),
    );
    return this.#texts.version1;
  }

  /** Returns a `Target` (full) or a {@link TargetSummary} as JSON, encoded once per change. */
  json(detail: 'summary' | 'full'): string {
    this.#texts[detail] ??= detail === 'full' ? this.#fullJson() : JSON.stringify(this.summary());
    return this.#texts[detail];
  }

  /**
   * Returns the target without details. Only an active target has metrics here: the last ones of
   * another say nothing of the present, and a list shows no ages beside them. They stay in the full
   * detail, whose sample says when it was taken.
   */
  summary(): TargetSummary {
    return {
      ...this.#commonFields(),
      ...summaryOf(this.figures, this.status === 'active'),
      specs: this.#specs(),
    };
  }

  /**
   * Encodes the sample anew, in about 40 µs: its text is the agent's, and may hold anything beside
   * the sample. Doing so for each sample that arrives would cost more, as few are ever shown.
   */
  #fullJson(): string {
    const text = this.#sampleText.read();
    const sample = text === null ? null : parseSampleText(text);
    return JSON.stringify({ ...this.#commonFields(), inventory: this.#facts.inventory, sample });
  }

  #commonFields() {
    const { status, firstSeenAtMs, lastSeenAtMs } = this.registration;
    const { host, labels, operatorLabels, system } = this.subject;
    return {
      host,
      status,
      label: this.label,
      labels,
      operatorLabels,
      system,
      firstSeenAtMs,
      lastSeenAtMs,
      clockSkewMs: this.clockSkewMs,
      conflictingInstances: this.conflicting,
      quarantine: this.quarantine,
    };
  }

  #specs(): string {
    return this.label ?? inventoryText(this.#facts.inventory);
  }

  /** @param sampleText of the sample that `figures` are of @returns whether the status changed */
  #update(change: Partial<Omit<Facts, 'conflicting'>>, sampleText?: string): boolean {
    const before = this.status;
    if (sampleText !== undefined) this.#sampleText.write(sampleText);
    this.#facts = { ...this.#facts, ...change, conflicting: this.#instances.conflicting };
    this.#texts = {};
    return this.status !== before;
  }
}

function subjectOf(host: HostId, inventory: Inventory | null, operatorLabels: Labels): SelectorSubject {
  const gpus = new Set(inventory?.gpus.map(({ name }) => name));
  return {
    host,
    labels: { ...inventory?.labels, ...operatorLabels },
    operatorLabels,
    system: {
      os: inventory?.os.platform ?? null,
      arch: inventory?.os.architecture ?? null,
      gpu: gpus.size === 0 ? null : [...gpus].join(', '),
      version: inventory?.agentVersion ?? null,
    },
  };
}

function areEqual(a: Labels, b: Labels): boolean {
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && a[key] === b[key])
  );
}
