/** More instances on one host id are not an operator's mistake: the oldest are forgotten. */
const MAX_INSTANCES = 8;

/**
 * Decides which agent speaks for a host id. A new instance replaces the previous one (the agent was
 * restarted). If the replaced one speaks again, both are alive: a conflict, in which the first one
 * stays shown until it falls silent. Times are monotonic milliseconds.
 */
export class AgentInstances {
  /** Time of the last sample by instance, in the order of their first samples. */
  readonly #lastReceivedAtMs = new Map<string, number>();
  #current: string | null = null;
  #conflict = false;

  /** The instances in conflict, the shown one first; `null` without a conflict. */
  get conflicting(): string[] | null {
    if (!this.#conflict || this.#current === null) return null;
    return [
      this.#current,
      ...[...this.#lastReceivedAtMs.keys()].filter((instance) => instance !== this.#current),
    ];
  }

  /** Takes a sign of life. @returns whether the instance is the one to show */
  receive(instance: string, nowMs: number, silentAfterMs: number): boolean {
    this.forgetSilent(nowMs, silentAfterMs);
    const known = this.#lastReceivedAtMs.has(instance);
    this.#lastReceivedAtMs.set(instance, nowMs);
    if (this.#current === null) this.#current = instance;
    else if (instance !== this.#current && !this.#conflict) {
      this.#conflict = known;
      this.#current = instance;
    }
    while (this.#lastReceivedAtMs.size > MAX_INSTANCES)
      this.#forget(this.#lastReceivedAtMs.keys().next().value as string);
    return this.#current === instance;
  }

  /** Drops instances that have fallen silent, and with them a conflict that is over. */
  forgetSilent(nowMs: number, silentAfterMs: number): void {
    for (const [instance, lastReceivedAtMs] of this.#lastReceivedAtMs) {
      if (nowMs - lastReceivedAtMs > silentAfterMs) this.#forget(instance);
    }
  }

  /** Drops an instance that stopped, or all if it is not named. @returns whether any is left */
  leave(instance: string | undefined): boolean {
    for (const known of [...this.#lastReceivedAtMs.keys()]) {
      if (instance === undefined || known === instance) this.#forget(known);
    }
    return this.#lastReceivedAtMs.size > 0;
  }

  #forget(instance: string): void {
    this.#lastReceivedAtMs.delete(instance);
    if (this.#lastReceivedAtMs.size <= 1) this.#conflict = false;
    if (this.#current === instance) this.#current = this.#lastReceivedAtMs.keys().next().value ?? null;
  }
}
