import type { FleetHistory, HistoryFigureName, HostId, Measurements, TargetHistory } from '@booner/protocol';
import type { MAIN_SERVER } from '../fleet/main-server.ts';
import { HistoryChunks } from './history-chunks.ts';
import { HistoryRing } from './history-ring.ts';

/**
 * Bound on all histories together. 15 minutes of a host with 8 cores and an interval of 3 s take
 * 24 KB, so about 2,800 such hosts fit at full resolution; with 10,000, every 5th sample is kept.
 */
const MAX_BYTES = 64 * 2 ** 20;
const SWEEP_INTERVAL_MS = 60_000;

export type HistoryOptions = {
  readonly nowWallMs: () => number;
  readonly maxBytes?: number;
};

type Subject = HostId | typeof MAIN_SERVER;

/**
 * The last 15 minutes of every host, in bounded memory. Each host gets the same share; if its
 * 15 minutes do not fit, its resolution gets coarser. Times are by the hub's wall clock, which is
 * what charts show.
 */
export class RecentHistory {
  readonly #nowWallMs: () => number;
  readonly #memory: HistoryChunks;
  readonly #rings = new Map<Subject, HistoryRing>();
  #sweptAtMs = Number.NEGATIVE_INFINITY;

  constructor({ nowWallMs, maxBytes = MAX_BYTES }: HistoryOptions) {
    this.#nowWallMs = nowWallMs;
    this.#memory = new HistoryChunks(maxBytes);
  }

  /** Takes what has just been measured. */
  record(subject: Subject, measurements: Measurements, intervalMs: number): void {
    const nowMs = this.#nowWallMs();
    if (Math.abs(nowMs - this.#sweptAtMs) >= SWEEP_INTERVAL_MS) this.#sweep(nowMs);
    const ring = this.#ringOf(subject);
    if (ring.record(measurements, intervalMs, nowMs, this.#share())) return;
    this.#makeRoom();
    ring.record(measurements, intervalMs, nowMs, this.#share());
  }

  /** Returns the last `rangeMs` of a host, without rows if there were no samples. */
  read(subject: Subject, rangeMs: number): Omit<TargetHistory, 'host'> {
    const toMs = this.#nowWallMs();
    const fromMs = toMs - rangeMs;
    const ring = this.#rings.get(subject) ?? new HistoryRing(this.#memory);
    return { fromMs, toMs, intervalMs: ring.intervalMs, ...ring.read(fromMs, toMs) };
  }

  /** Returns some figures of several hosts. */
  readFigures(
    hosts: readonly HostId[],
    figures: readonly HistoryFigureName[],
    rangeMs: number,
  ): FleetHistory {
    const toMs = this.#nowWallMs();
    const fromMs = toMs - rangeMs;
    const targets = hosts.map((host) => {
      const columns = { times: [], ...Object.fromEntries(figures.map((name) => [name, []])) };
      const ring = this.#rings.get(host);
      return {
        host,
        intervalMs: ring?.intervalMs ?? null,
        ...(ring?.addTo(columns, fromMs, toMs) ?? columns),
      };
    });
    return { fromMs, toMs, targets };
  }

  #share(): number {
    return Math.floor(this.#memory.maxChunks / this.#rings.size);
  }

  #ringOf(subject: Subject): HistoryRing {
    let ring = this.#rings.get(subject);
    if (ring === undefined) {
      ring = new HistoryRing(this.#memory);
      this.#rings.set(subject, ring);
    }
    return ring;
  }

  #sweep(nowMs: number): void {
    this.#sweptAtMs = nowMs;
    for (const [subject, ring] of this.#rings) {
      if (!ring.hasExpired(nowMs)) continue;
      ring.clear();
      this.#rings.delete(subject);
    }
  }

  /** Shrinks histories that exceed their share, which got smaller since they grew. */
  #makeRoom(): void {
    const share = this.#share();
    if (share === 0) return; // more hosts than chunks: the latest ones have no history
    for (const ring of this.#rings.values()) ring.shrink(share);
  }
}
