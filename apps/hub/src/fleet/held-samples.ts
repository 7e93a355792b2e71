import type { HostId, Sample } from '@booner/protocol';
import type { Instant } from './target-entry.ts';

export type HeldSample = { readonly sample: Sample; readonly json: string; readonly at: Instant };

/** The newest sample of each target that is not shown before its inventory has arrived. */
export class HeldSamples {
  readonly #held = new Map<HostId, HeldSample & { readonly sinceMs: number }>();

  hold(held: HeldSample): void {
    const { host } = held.sample;
    const sinceMs = this.#held.get(host)?.sinceMs ?? held.at.monotonicMs;
    this.#held.set(host, { ...held, sinceMs });
  }

  has(host: HostId): boolean {
    return this.#held.has(host);
  }

  hosts(): readonly HostId[] {
    return [...this.#held.keys()];
  }

  /** Returns the time since the target's first held sample; 0 if none is held. */
  waitedMs(host: HostId, nowMs: number): number {
    return nowMs - (this.#held.get(host)?.sinceMs ?? nowMs);
  }

  /** Removes a target's sample and returns it. */
  take(host: HostId): HeldSample | null {
    const held = this.#held.get(host) ?? null;
    this.#held.delete(host);
    return held;
  }

  /**
   * Drops a target's sample if it came from this agent instance, or from any when none is given.
   */
  drop(host: HostId, instance?: string): void {
    const held = this.#held.get(host);
    if (instance === undefined || held?.sample.instance === instance) this.#held.delete(host);
  }
}
