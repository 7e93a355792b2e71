import type {
  HostId,
  Inventory,
  Registration,
  Sample,
  Target,
  TargetStatus,
  TargetSummary,
} from '@booner/protocol';
import { AgentInstances } from './agent-instances.ts';
import { inventoryText, rootFileSystem } from './target-texts.ts';

/** A skew below this is what networks and intervals make; above it is shown. */
const SHOWN_SKEW_MS = 5000;

/** Both clocks of the hub, in milliseconds: `monotonicMs` decides, `wallMs` (Unix time) is shown. */
export type Instant = { readonly monotonicMs: number; readonly wallMs: number };

/** What a hub knows of one target. */
export class TargetEntry {
  readonly host: HostId;
  readonly #instances = new AgentInstances();
  #registration: Registration;
  #sample: Sample | null = null;
  #inventory: Inventory | null = null;
  #heardAtMs: number | null = null;
  #clockSkewMs: number | null = null;
  /** Whether this hub has judged the status by its own ears, rather than taken it from a registration. */
  #judged = false;
  #json: { summary?: string; full?: string; version1?: string } = {};

  constructor(host: HostId, registration: Registration) {
    this.host = host;
    this.#registration = registration;
  }

  get status(): TargetStatus {
    return this.#registration.status;
  }

  get registration(): Registration {
    return this.#registration;
  }

  get sample(): Sample | null {
    return this.#sample;
  }

  get conflicting(): string[] | null {
    return this.#instances.conflicting;
  }

  /** When a live sample was last heard, monotonic; `null` when never since the hub started. */
  get heardAtMs(): number | null {
    return this.#heardAtMs;
  }

  get clockSkewMs(): number | null {
    return this.#clockSkewMs;
  }

  /** Whether the agent has stored another inventory than the one held. */
  get inventoryIsStale(): boolean {
    const takenAtMs = this.#sample?.inventoryTakenAtMs ?? null;
    return takenAtMs !== null && takenAtMs !== this.#inventory?.takenAtMs;
  }

  /** Takes a live sample. @returns whether the status changed */
  hear(sample: Sample, now: Instant, silentAfterMs: number): boolean {
    const shown = this.#instances.hear(sample.instance, now.monotonicMs, silentAfterMs);
    this.#heardAtMs = now.monotonicMs;
    if (shown || this.#sample === null) {
      this.#sample = sample;
      const skewMs = sample.sampledAtMs - now.wallMs;
      this.#clockSkewMs = Math.abs(skewMs) > SHOWN_SKEW_MS ? skewMs : null;
    }
    this.#judged = true;
    return this.#register({
      status: 'active',
      firstSeenAtMs: this.#registration.firstSeenAtMs ?? now.wallMs,
      lastSeenAtMs: now.wallMs,
    });
  }

  /** Takes a stored last value: old news, which says nothing of whether the host is up. */
  recall(sample: Sample | null, inventory: Inventory | null): void {
    if (sample !== null && this.#heardAtMs === null) this.#sample = sample;
    if (inventory !== null) this.#inventory = inventory;
    this.#json = {};
  }

  /** @returns whether the target had no description before */
  describe(inventory: Inventory): boolean {
    const isFirst = this.#inventory === null;
    this.#inventory = inventory;
    this.#json = {};
    return isFirst;
  }

  /** Takes what another hub or an operator registered. A verdict of this hub's own ears stands. */
  merge(registration: Registration): boolean {
    const { label, firstSeenAtMs } = registration;
    return this.#register(
      this.#judged
        ? { label, firstSeenAtMs: firstSeenAtMs ?? this.#registration.firstSeenAtMs }
        : registration,
    );
  }

  /** An agent of this host stopped cleanly. @returns whether the status changed */
  leave(instance: string | undefined): boolean {
    this.#json = {};
    return this.#instances.leave(instance) ? false : this.declareOffline();
  }

  /** @returns whether the status changed */
  declareOffline(): boolean {
    this.#instances.leave(undefined);
    this.#judged = true;
    return this.#register({ status: 'offline' });
  }

  /** Forgets agents that fell silent. @returns whether a conflict ended by it */
  settle(nowMs: number, silentAfterMs: number): boolean {
    if (this.#instances.conflicting === null) return false;
    this.#instances.forgetSilent(nowMs, silentAfterMs);
    if (this.#instances.conflicting !== null) return false;
    this.#json = {};
    return true;
  }

  /** JSON of the entry in `deployment_targets` of version 1; encoded once for each change. */
  version1Json(): string {
    this.#json.version1 ??= JSON.stringify({
      host: this.host,
      status: this.status,
      load: this.#sample?.cpu ? Math.round(this.#sample.cpu.usageRatio * 100) / 100 : null,
      specs: this.#specsWithConflict(),
    });
    return this.#json.version1;
  }

  /** JSON of {@link Target} or {@link TargetSummary}; encoded once for each change. */
  json(detail: 'summary' | 'full'): string {
    this.#json[detail] ??= JSON.stringify(detail === 'full' ? this.full() : this.summary());
    return this.#json[detail];
  }

  full(): Target {
    return { ...this.#facts(), inventory: this.#inventory, sample: this.#sample };
  }

  summary(): TargetSummary {
    const sample = this.#sample;
    const root = rootFileSystem(sample);
    const temperatures = sample?.temperatures?.map(({ temperatureCelsius }) => temperatureCelsius) ?? [];
    return {
      ...this.#facts(),
      intervalMs: sample?.intervalMs ?? null,
      uptimeSeconds: sample?.uptimeSeconds ?? null,
      cpuUsageRatio: sample?.cpu?.usageRatio ?? null,
      load1Minute: sample?.loadAverage?.last1Minute ?? null,
      memoryTotalBytes: sample?.memory?.totalBytes ?? null,
      memoryUsedBytes: sample?.memory?.usedBytes ?? null,
      diskTotalBytes: root?.totalBytes ?? null,
      diskUsedBytes: root?.usedBytes ?? null,
      receivedBytesPerSecond: sample?.network?.receivedBytesPerSecond ?? null,
      sentBytesPerSecond: sample?.network?.sentBytesPerSecond ?? null,
      temperatureCelsius: temperatures.length === 0 ? null : Math.max(...temperatures),
      gpus:
        sample?.gpus?.map(({ name, usageRatio, memoryTotalBytes, memoryUsedBytes, temperatureCelsius }) => {
          return { name, usageRatio, memoryTotalBytes, memoryUsedBytes, temperatureCelsius };
        }) ?? null,
      specs: this.#specs(),
    };
  }

  #facts() {
    const { status, firstSeenAtMs, lastSeenAtMs } = this.#registration;
    return {
      host: this.host,
      status,
      label: this.#label(),
      firstSeenAtMs,
      lastSeenAtMs,
      clockSkewMs: this.#clockSkewMs,
      conflictingInstances: this.conflicting,
    };
  }

  #label(): string | null {
    return this.#registration.label ?? this.#inventory?.label ?? null;
  }

  #specs(): string {
    return this.#label() ?? inventoryText(this.#inventory);
  }

  /** Version 1 has no other field in which a conflict could be seen. */
  #specsWithConflict(): string {
    const agents = this.conflicting?.length ?? 0;
    return agents === 0 ? this.#specs() : `${this.#specs()} (${agents} agents claim this host id)`;
  }

  #register(change: Partial<Registration>): boolean {
    const before = this.status;
    this.#registration = { ...this.#registration, ...change };
    this.#json = {};
    return this.status !== before;
  }
}
