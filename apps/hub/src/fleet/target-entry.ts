import type { HostId, Inventory, Registration, Sample, TargetStatus, TargetSummary } from '@booner/protocol';
import { deploymentTarget, inventoryText } from '@booner/protocol/status-texts';
import { AgentInstances } from './agent-instances.ts';
import { StoredText } from './stored-text.ts';
import { figuresOf, type TargetFigures } from './target-figures.ts';

/** A skew below this is what networks and intervals make; above it is shown. */
const SHOWN_SKEW_MS = 5000;

/** Both clocks of the hub, in milliseconds: `monotonicMs` decides, `wallMs` (Unix time) is shown. */
export type Instant = { readonly monotonicMs: number; readonly wallMs: number };

/** What a hub knows of one target. */
export class TargetEntry {
  readonly host: HostId;
  readonly #instances = new AgentInstances();
  #registration: Registration;
  #figures: TargetFigures | null = null;
  readonly #sampleText = new StoredText();
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

  /** Of the last sample heard or recalled. */
  get figures(): TargetFigures | null {
    return this.#figures;
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

  /** True if an inventory is held, be it an old one. */
  get isDescribed(): boolean {
    return this.#inventory !== null;
  }

  /** Whether the agent has stored another inventory than the one held. */
  get inventoryIsStale(): boolean {
    const takenAtMs = this.#figures?.inventoryTakenAtMs ?? null;
    return takenAtMs !== null && takenAtMs !== this.#inventory?.takenAtMs;
  }

  /** Takes a live sample with its text. @returns whether the status changed */
  hear(sample: Sample, json: string, now: Instant, silentAfterMs: number): boolean {
    const shown = this.#instances.hear(sample.instance, now.monotonicMs, silentAfterMs);
    this.#heardAtMs = now.monotonicMs;
    if (shown || this.#figures === null) {
      this.#keep(sample, json);
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
    if (sample !== null && this.#heardAtMs === null) this.#keep(sample, JSON.stringify(sample));
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

  /** Takes what another hub or an operator registered. What this hub judged by its own ears stands. @returns what changed */
  merge({ label, firstSeenAtMs, lastSeenAtMs, status }: Registration): 'nothing' | 'facts' | 'status' {
    const own = this.#registration;
    const merged: Registration = {
      label,
      firstSeenAtMs: firstSeenAtMs ?? own.firstSeenAtMs,
      lastSeenAtMs: this.#judged ? own.lastSeenAtMs : lastSeenAtMs,
      status: this.#judged ? own.status : status,
    };
    const isSame =
      merged.label === own.label &&
      merged.firstSeenAtMs === own.firstSeenAtMs &&
      merged.lastSeenAtMs === own.lastSeenAtMs &&
      merged.status === own.status;
    if (isSame) return 'nothing';
    return this.#register(merged) ? 'status' : 'facts';
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
    this.#json.version1 ??= JSON.stringify(
      deploymentTarget({
        host: this.host,
        status: this.status,
        cpuUsageRatio: this.#figures?.cpuUsageRatio ?? null,
        specs: this.#specs(),
        conflictingInstances: this.conflicting,
      }),
    );
    return this.#json.version1;
  }

  /** JSON of a `Target` (full) or a {@link TargetSummary}; encoded once for each change. */
  json(detail: 'summary' | 'full'): string {
    this.#json[detail] ??= detail === 'full' ? this.#fullJson() : JSON.stringify(this.summary());
    return this.#json[detail];
  }

  /**
   * Only an active target has metrics here: the last ones of another say nothing of the present, and a list shows no ages beside
   * them. They stay in the full detail, whose sample says when it was taken.
   */
  summary(): TargetSummary {
    const known = this.#figures;
    const current = this.status === 'active' ? known : null;
    return {
      ...this.#facts(),
      intervalMs: known?.intervalMs ?? null,
      uptimeSeconds: current?.uptimeSeconds ?? null,
      cpuUsageRatio: current?.cpuUsageRatio ?? null,
      load1Minute: current?.load1Minute ?? null,
      memoryTotalBytes: known?.memoryTotalBytes ?? null,
      memoryUsedBytes: current?.memoryUsedBytes ?? null,
      diskTotalBytes: known?.diskTotalBytes ?? null,
      diskUsedBytes: current?.diskUsedBytes ?? null,
      diskAvailableBytes: current?.diskAvailableBytes ?? null,
      diskUsageRatio: current?.diskUsageRatio ?? null,
      receivedBytesPerSecond: current?.receivedBytesPerSecond ?? null,
      sentBytesPerSecond: current?.sentBytesPerSecond ?? null,
      temperatureCelsius: current?.temperatureCelsius ?? null,
      gpus: current?.gpus ?? known?.gpus?.map(withoutMetrics) ?? null,
      specs: this.#specs(),
    };
  }

  #fullJson(): string {
    const head = JSON.stringify({ ...this.#facts(), inventory: this.#inventory });
    return `${head.slice(0, -1)},"sample":${this.#sampleText.read() ?? 'null'}}`;
  }

  #keep(sample: Sample, json: string): void {
    this.#figures = figuresOf(sample);
    this.#sampleText.write(json);
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

  #register(change: Partial<Registration>): boolean {
    const before = this.status;
    this.#registration = { ...this.#registration, ...change };
    this.#json = {};
    return this.status !== before;
  }
}

const withoutMetrics = ({ name, memoryTotalBytes }: NonNullable<TargetFigures['gpus']>[number]) => ({
  name,
  memoryTotalBytes,
  usageRatio: null,
  memoryUsedBytes: null,
  temperatureCelsius: null,
});
