import type { Annotation, HistoryBlocks, HistoryStats, RecordingState } from '@booner/protocol';
import { HISTORY_METRIC_NAMES, type HistoryMetric } from '@booner/protocol/history-metrics';
import type { BlockStore, RankedHost } from './block-store.ts';
import { ClockGuard, reachesTo } from './clock-guard.ts';
import type { Wants } from './decode-blocks.ts';
import { HistoryEngine } from './history-engine.ts';
import { HistoryError } from './history-error.ts';
import type { BlocksRequest, HistoryRequest, Missed, RankRequest } from './history-port.ts';
import { queryHistory } from './query.ts';
import type { SampleRow } from './sample-batch.ts';
import { type Retention, TIERS, type Tier } from './tiers.ts';

/** After a failure, the store is tried again this often. */
const RETRY_INTERVAL_MS = 10_000;
/** Small enough for a hub to parse a page in a few milliseconds. */
const PAGE_BYTES = 256 * 1024;
const PRUNE_INTERVAL_MS = 60_000;
const CHECK_INTERVAL_MS = 5_000;
/** A transaction is committed after this time, so that a crash loses little. */
const MAX_TRANSACTION_MS = 1_000;

export type HistoryLimits = {
  readonly retention: Retention;
  /** Bound on the data. Beyond it, the oldest data of the finest tier is deleted. */
  readonly maxBytes: number;
  /** Recording stops while the file system has less free space than this. */
  readonly minFreeBytes: number;
};

export type HistoryServiceOptions = HistoryLimits & {
  /** @throws HistoryError */
  readonly open: () => BlockStore;
  /** The hub's wall clock. */
  readonly nowMs: () => number;
  /** Milliseconds of a clock that cannot be set. */
  readonly monotonicMs: () => number;
  /** Notified why nothing is deleted for its age; `null`: it is deleted again. */
  readonly onClockDoubt: (reason: string | null) => void;
  /** Notified when recording stops or starts again. */
  readonly onRecording: (state: RecordingState) => void;
};

/**
 * Keeps a history over a store that may fail: while it does, recording is stopped, and the store is
 * tried again. Synchronous; {@link HistoryService.work} has to be called often.
 */
export class HistoryService implements Disposable {
  readonly #options: HistoryServiceOptions;
  readonly #clock = new ClockGuard();
  #clockDoubt: string | null = null;
  #store: BlockStore | null = null;
  #engine: HistoryEngine | null = null;
  #recording: RecordingState = { state: 'recording' };
  #retryAtMs = Number.NEGATIVE_INFINITY;
  #pruneAtMs = Number.NEGATIVE_INFINITY;
  #checkAtMs = Number.NEGATIVE_INFINITY;
  #writingSinceMs: number | null = null;
  #lastStoredMs: number | null = null;
  #droppedSamples = 0;

  constructor(options: HistoryServiceOptions) {
    this.#options = options;
    this.#attempt(() => this.#open());
  }

  append(samples: Iterable<SampleRow>): void {
    for (const sample of samples) {
      if (this.#engine === null) this.#droppedSamples++;
      else this.#attempt(() => this.#engine?.append(sample));
    }
  }

  /**
   * Stores, rolls up and deletes what is due, until it is told to pause.
   * @returns true if there is more to do at once
   */
  work(isTimeUp: () => boolean): boolean {
    const nowMs = this.#options.nowMs();
    if (this.#recording.state === 'stopped') {
      this.#engine?.hold(nowMs);
      if (Math.abs(nowMs - this.#retryAtMs) < RETRY_INTERVAL_MS && nowMs < this.#retryAtMs) return false;
      this.#attempt(() => this.#resume());
      return false;
    }
    return this.#attempt(() => this.#work(nowMs, isTimeUp)) ?? false;
  }

  /** Stores the open minutes, and those that wait since a failure. */
  flush(): void {
    this.#attempt(() => {
      if (this.#recording.state === 'stopped') this.#resume();
      this.#engine?.closeAll();
      this.#commit();
    });
  }

  annotate(host: string, annotation: Annotation): void {
    if (this.#recording.state === 'recording') this.#attempt(() => this.#engine?.annotate(host, annotation));
  }

  /** @throws HistoryError */
  addMissed(host: string, { backfill: { layouts, minutes }, ...range }: Missed): number {
    const series = layouts.map((layout) => layout.map(([metric, device]) => ({ metric, device })));
    const blocks = minutes.map(({ startMs, layout, data }) => ({
      startMs,
      series: series[layout] ?? [],
      data: Buffer.from(data, 'base64'),
    }));
    const engine = this.#opened();
    return this.#attempt(() => engine.addMissed(host, { ...range, minutes: blocks })) ?? 0;
  }

  /**
   * Reads a page of blocks. The hub's own machine is left out.
   * @returns a `HistoryBlocks` as JSON
   * @throws HistoryError
   */
  exportBlocks({ tier: name, ...range }: BlocksRequest): string {
    const tier = TIERS.find((one) => one.name === name) as Tier;
    const { blocks, next } = this.#opened().exportBlocks({ ...range, tier, bytes: PAGE_BYTES });
    const layouts = [...new Set(blocks.map(({ series }) => series))];
    return JSON.stringify({
      layouts: layouts.map((series) => series.map(({ metric, device }) => [metric, device])),
      blocks: blocks.map(({ host, startMs, series, data }) => ({
        host,
        tier: name,
        startMs,
        layout: layouts.indexOf(series),
        data: Buffer.from(data).toString('base64'),
      })),
      next,
    });
  }

  importBlocks({ layouts, blocks }: HistoryBlocks): void {
    const engine = this.#opened();
    const all = layouts.map((layout) => layout.map(([metric, device]) => ({ metric, device })));
    this.#attempt(() => {
      for (const { host, tier: name, startMs, layout, data } of blocks) {
        const tier = TIERS.find((one) => one.name === name) as Tier;
        const block = { startMs, series: all[layout] ?? [], data: Buffer.from(data, 'base64') };
        engine.importBlock({ host, tier: tier.index, ...block });
      }
    });
  }

  reach(host: string | null): number | null {
    return this.#opened().reachMs(host);
  }

  newest(hosts: readonly string[]): readonly (number | null)[] {
    const engine = this.#opened();
    const nowMs = this.#options.nowMs();
    return hosts.map((host) => engine.newestMs(host, nowMs));
  }

  /** @returns a `SeriesHistory` as JSON @throws HistoryError */
  query({ metrics, shownAs, ...request }: HistoryRequest): string {
    const engine = this.#opened();
    const wanted = new Set<HistoryMetric>(metrics);
    const wants: Wants | undefined =
      wanted.size === HISTORY_METRIC_NAMES.length ? undefined : ({ metric }) => wanted.has(metric);
    const answer = queryHistory(engine, { ...request, wants }, this.#options.nowMs());
    return JSON.stringify({ host: shownAs, ...answer });
  }

  /** @throws HistoryError */
  rank({ metric, fromMs, toMs }: RankRequest): readonly RankedHost[] {
    return this.#opened().rank(metric, fromMs, toMs);
  }

  stats(): HistoryStats {
    const store = this.#store;
    const size = store?.size() ?? { usedBytes: 0, fileBytes: 0, freeDiskBytes: null };
    return {
      recording: this.#recording,
      hosts: this.#engine?.hosts.length ?? 0,
      ...size,
      maxBytes: this.#options.maxBytes,
      minFreeBytes: this.#options.minFreeBytes,
      lastStoredMs: this.#lastStoredMs,
      droppedSamples: this.#droppedSamples,
      droppedMinutes: this.#engine?.droppedMinutes ?? 0,
      oldestMs: Object.fromEntries(
        TIERS.map(({ name, index }) => [name, store?.oldestMs(index) ?? null]),
      ) as HistoryStats['oldestMs'],
    };
  }

  /** Writes a consistent copy to a file that does not exist yet. @throws HistoryError */
  backUp(file: string): Promise<void> {
    this.flush();
    return this.#openedStore().backUp(file);
  }

  [Symbol.dispose](): void {
    this.flush();
    this.#close();
  }

  #work(nowMs: number, isTimeUp: () => boolean): boolean {
    const engine = this.#opened();
    this.#checkFreeSpace(nowMs);
    let hasMore = engine.work(nowMs, isTimeUp);
    if (!hasMore && Math.abs(nowMs - this.#pruneAtMs) >= PRUNE_INTERVAL_MS) {
      hasMore = engine.prune(nowMs, { ...this.#options, isClockTrusted: this.#isClockTrusted(nowMs) });
      if (!hasMore) this.#pruneAtMs = nowMs;
    }
    if (engine.isWriting) this.#writingSinceMs ??= nowMs;
    if (!hasMore || nowMs - (this.#writingSinceMs ?? nowMs) >= MAX_TRANSACTION_MS) this.#commit();
    return hasMore;
  }

  #isClockTrusted(wallMs: number): boolean {
    const store = this.#openedStore();
    const now = { wallMs, monotonicMs: this.#options.monotonicMs() };
    const before = this.#clockDoubt;
    this.#clockDoubt = this.#clock.look(now, () => reachesTo(store, wallMs));
    if ((this.#clockDoubt === null) !== (before === null)) this.#options.onClockDoubt(this.#clockDoubt);
    return this.#clockDoubt === null;
  }

  #commit(): void {
    const engine = this.#engine;
    if (engine === null || !engine.isWriting) return;
    const { isStoring } = engine;
    engine.commit();
    this.#writingSinceMs = null;
    if (isStoring) this.#lastStoredMs = this.#options.nowMs();
  }

  #checkFreeSpace(nowMs: number): void {
    if (Math.abs(nowMs - this.#checkAtMs) < CHECK_INTERVAL_MS) return;
    this.#checkAtMs = nowMs;
    const { minFreeBytes } = this.#options;
    const { freeDiskBytes } = this.#openedStore().size();
    if (freeDiskBytes === null || freeDiskBytes >= minFreeBytes) return;
    throw new HistoryError(
      'disk',
      `the file system has ${mebibytes(freeDiskBytes)} free, less than the minimum of ${mebibytes(minFreeBytes)} (BOONER_HISTORY_MIN_FREE)`,
    );
  }

  #resume(): void {
    if (this.#store === null) this.#open();
    this.#checkAtMs = Number.NEGATIVE_INFINITY;
    this.#checkFreeSpace(this.#options.nowMs());
    this.#engine?.retry();
    this.#setRecording({ state: 'recording' });
  }

  #open(): void {
    this.#store = this.#options.open();
    this.#engine = new HistoryEngine(this.#store);
    this.#isClockTrusted(this.#options.nowMs()); // before samples make the history reach to now
  }

  #opened(): HistoryEngine {
    if (this.#engine !== null) return this.#engine;
    const reason = this.#recording.state === 'stopped' ? this.#recording.reason : 'it is closed';
    throw new HistoryError('closed', `the history cannot be read: ${reason}`);
  }

  #openedStore(): BlockStore {
    this.#opened();
    return this.#store as BlockStore;
  }

  #close(): void {
    const store = this.#store;
    this.#store = null;
    this.#engine = null;
    store?.[Symbol.dispose]();
  }

  /** Runs an action; if the store fails, stops recording and undoes what was not committed. */
  #attempt<T>(action: () => T): T | undefined {
    try {
      return action();
    } catch (error) {
      if (!(error instanceof HistoryError)) throw error;
      this.#writingSinceMs = null;
      this.#retryAtMs = this.#options.nowMs() + RETRY_INTERVAL_MS;
      this.#setRecording({ state: 'stopped', reason: error.message, sinceMs: this.#options.nowMs() });
      if (error.code === 'damaged') {
        this.#close(); // opening sets a damaged file aside
        this.#retryAtMs = Number.NEGATIVE_INFINITY;
      } else this.#rollBack();
      return undefined;
    }
  }

  #rollBack(): void {
    try {
      this.#engine?.rollBack();
    } catch (error) {
      if (!(error instanceof HistoryError)) throw error;
      this.#close(); // it is opened again when it is tried again
    }
  }

  #setRecording(state: RecordingState): void {
    const before = this.#recording;
    if (before.state === state.state && (before.state === 'recording' || state.state === 'recording')) return;
    if (before.state === 'stopped' && state.state === 'stopped') {
      if (before.reason === state.reason) return;
      this.#recording = { ...state, sinceMs: before.sinceMs };
    } else this.#recording = state;
    this.#options.onRecording(this.#recording);
  }
}

const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;
