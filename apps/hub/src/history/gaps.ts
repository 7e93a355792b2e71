/** Samples of a host that this hub has not received. Unix milliseconds by the hub's clock. */
export type Gap = { readonly host: string; readonly fromMs: number; readonly toMs: number };

/** A host is asked for what is missing after this many intervals, and at least this time. */
const MISSED_INTERVALS = 2.5;
const MIN_GAP_MS = 2_000;
/** A clock that is set back by more had dated samples in the future: their true time is a gap. */
const SET_BACK_MS = 60_000;
/** Agents keep no more. */
const MAX_GAP_MS = 2 * 3_600_000;
/** Hosts whose gaps wait to be filled. Gaps of others are found again by the next start. */
const MAX_WAITING = 20_000;

/** Finds the times in which samples of a host were not received. */
export class Gaps {
  readonly #lastMs = new Map<string, number>();
  readonly #waiting = new Map<string, Gap>();
  /** Hosts of which no sample was received before this one, or none by the clock as it is now. */
  readonly #first = new Map<string, number>();

  #long: Omit<Gap, 'host'> | null = null;

  /** Takes the time at which a sample was received. */
  note(host: string, atMs: number, intervalMs: number): void {
    const lastMs = this.#lastMs.get(host);
    this.#lastMs.set(host, atMs);
    if (lastMs === undefined || lastMs - atMs > SET_BACK_MS) {
      this.#first.set(host, atMs);
      this.#waiting.delete(host);
    } else if (atMs - lastMs > Math.max(MISSED_INTERVALS * intervalMs, MIN_GAP_MS))
      this.add({ host, fromMs: lastMs + 1, toMs: atMs });
  }

  /**
   * Returns hosts that were received for the first time since the last call, or since the clock was
   * set back, and when.
   */
  takeFirst(): ReadonlyMap<string, number> {
    const first = new Map(this.#first);
    this.#first.clear();
    return first;
  }

  /** Adds the time between the last stored sample and the first one of this process. */
  addBefore(host: string, storedMs: number | null, firstMs: number): void {
    const fromMs = storedMs ?? 0;
    if (firstMs - fromMs > MIN_GAP_MS) this.add({ host, fromMs, toMs: firstMs });
  }

  /** Adds a gap, joined with one of the same host that waits. */
  add({ host, fromMs, toMs }: Gap): void {
    if (toMs - fromMs > MAX_GAP_MS) {
      const long = this.#long ?? { fromMs, toMs };
      this.#long = { fromMs: Math.min(long.fromMs, fromMs), toMs: Math.max(long.toMs, toMs) };
    }
    const before = this.#waiting.get(host);
    if (before === undefined && this.#waiting.size >= MAX_WAITING) return;
    const start = Math.min(fromMs, before?.fromMs ?? fromMs);
    const end = Math.max(toMs, before?.toMs ?? toMs);
    this.#waiting.set(host, { host, fromMs: Math.max(start, end - MAX_GAP_MS), toMs: end });
  }

  /** Returns up to `limit` gaps, each once. */
  take(limit: number): Gap[] {
    const taken = [...this.#waiting.values()].slice(0, limit);
    for (const { host } of taken) this.#waiting.delete(host);
    return taken;
  }

  /** Notes that nothing is stored yet. */
  addAll(nowMs: number): void {
    this.#long = { fromMs: 0, toMs: nowMs };
  }

  /** Returns a range that covers the gaps that are too long for agents; `null` without any. */
  takeLong(): Omit<Gap, 'host'> | null {
    const long = this.#long;
    this.#long = null;
    return long;
  }
}
