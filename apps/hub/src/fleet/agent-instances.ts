/** More instances than this on one host id at a time are no mistake of an operator; the oldest are forgotten. */
const MAX_INSTANCES = 8;

/**
 * Tells which agents speak for one host id. A new instance replaces the one before (the agent was restarted); when the replaced
 * one speaks again, both are alive: a conflict, in which the one that was there first keeps being shown until it falls silent.
 * Times are monotonic milliseconds.
 */
export class AgentInstances {
  /** Instance -> when it was last heard, in the order of first hearing. */
  readonly #heardAtMs = new Map<string, number>();
  #current: string | null = null;
  #conflict = false;

  /** Instances in conflict, the shown one first; `null` without a conflict. */
  get conflicting(): string[] | null {
    if (!this.#conflict || this.#current === null) return null;
    return [this.#current, ...[...this.#heardAtMs.keys()].filter((instance) => instance !== this.#current)];
  }

  /** @returns whether the instance is the one to show */
  hear(instance: string, nowMs: number, silentAfterMs: number): boolean {
    this.forgetSilent(nowMs, silentAfterMs);
    const known = this.#heardAtMs.has(instance);
    this.#heardAtMs.set(instance, nowMs);
    if (this.#current === null) this.#current = instance;
    else if (instance !== this.#current && !this.#conflict) {
      this.#conflict = known;
      this.#current = instance;
    }
    while (this.#heardAtMs.size > MAX_INSTANCES) this.#forget(this.#heardAtMs.keys().next().value as string);
    return this.#current === instance;
  }

  /** Drops the instances that have not been heard for a while, and with them a conflict that is over. */
  forgetSilent(nowMs: number, silentAfterMs: number): void {
    for (const [instance, heardAtMs] of this.#heardAtMs) {
      if (nowMs - heardAtMs > silentAfterMs) this.#forget(instance);
    }
  }

  /** An instance stopped; all of them when it did not say which. @returns whether any is left */
  leave(instance: string | undefined): boolean {
    for (const known of [...this.#heardAtMs.keys()]) {
      if (instance === undefined || known === instance) this.#forget(known);
    }
    return this.#heardAtMs.size > 0;
  }

  #forget(instance: string): void {
    this.#heardAtMs.delete(instance);
    if (this.#heardAtMs.size <= 1) this.#conflict = false;
    if (this.#current === instance) this.#current = this.#heardAtMs.keys().next().value ?? null;
  }
}
