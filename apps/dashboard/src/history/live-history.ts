import { type BoonerClient, BoonerError } from '@booner/client';
import type { HistoryRange, Measurements, TargetHistory } from '@booner/protocol';
import { CLOCK_TOLERANCE_MS, DEFAULT_INTERVAL_MS, HISTORY_RANGES_MS } from '@booner/protocol/limits';
import {
  appendRow,
  closeSilence,
  emptyHistory,
  isSilentAt,
  mergeHistory,
  moveWindow,
} from './history-rows.ts';

/** How often it is looked at whether the host is silent, and whether something has to be read. */
const LOOK_INTERVAL_MS = 3000;
/** A read that failed is tried again after a random time within this, doubled with each failure up to the bound. */
const RETRY_WITHIN_MS = 3000;
const MAX_RETRY_WITHIN_MS = 30_000;
/** Samples that the stream passed over, because the agent is faster, are read at most this often. */
const REFINE_INTERVAL_MS = 15_000;

export type HistoryView = {
  /** The last minutes, extended as they pass: a new object at each addition. `null` until it was read first. */
  readonly history: TargetHistory | null;
  /** Why it could not be read; it is tried again by itself. */
  readonly error: BoonerError | null;
};

export type LiveHistoryDeps = {
  readonly client: Pick<BoonerClient, 'readHistory' | 'fleet' | 'target' | 'nowMs'>;
  /** `null`: the main server. */
  readonly host: string | null;
  readonly range: HistoryRange;
  /** What is known of the same host already, shown until the first answer. */
  readonly seed?: TargetHistory | null;
};

export type LiveHistory = {
  getSnapshot(): HistoryView;
  subscribe(listener: () => void): () => void;
};

type Heard = {
  readonly atMs: number;
  readonly measurements: Measurements;
  readonly intervalMs: number;
  /** Of the sample among those of one start of the agent, to see what was passed over. */
  readonly place: { readonly instance: string; readonly sequence: number } | null;
};

/**
 * The history of one host, read once and then extended by what the stream brings. A hole in the stream is filled by another read.
 * It lives while somebody watches it.
 */
export function createLiveHistory({ client, host, range, seed = null }: LiveHistoryDeps): LiveHistory {
  const rangeMs = HISTORY_RANGES_MS[range];
  const listeners = new Set<() => void>();
  const live = host === null ? client.fleet : client.target(host);
  let view: HistoryView = {
    history: seed === null ? null : moveWindow(seed, seed.toMs, rangeMs),
    error: null,
  };
  let last: Heard | null = null;
  /** Heard before the first answer, within the range. */
  let waiting: Heard[] = [];
  /** Hub's clock less this page's. */
  let hubAheadMs = seed === null ? 0 : seed.toMs - client.nowMs();
  let reading: AbortController | null = null;
  let readDueAtMs: number | null = null;
  let readAtMs = Number.NEGATIVE_INFINITY;
  let failures = 0;
  let stop: (() => void) | null = null;

  const set = (next: HistoryView) => {
    view = next;
    for (const listener of listeners) listener();
  };
  /** Time in which samples come here: that of whichever is slower, the agent or the stream. */
  const paceMs = () =>
    Math.max(last?.intervalMs ?? 0, client.fleet.getSnapshot()?.intervalMs ?? DEFAULT_INTERVAL_MS);
  const readBy = (atMs: number) => {
    readDueAtMs = Math.min(readDueAtMs ?? Number.POSITIVE_INFINITY, atMs);
    if (readDueAtMs <= client.nowMs()) void read();
  };

  function hear(): void {
    const heard = host === null ? mainServerOf(client) : targetOf(client, host);
    if (heard === null || heard.measurements === last?.measurements) return;
    if ((view.history?.times.at(-1) ?? 0) - heard.atMs > CLOCK_TOLERANCE_MS) {
      view = { ...view, history: null };
      readBy(client.nowMs());
    }
    const { history } = view;
    if (history !== null && isSilentAt(history, heard.atMs, paceMs())) readBy(client.nowMs());
    else if (last !== null && hasSkipped(last, heard)) readBy(readAtMs + REFINE_INTERVAL_MS);
    last = heard;
    if (history === null) waiting = [...waiting.filter(({ atMs }) => atMs > heard.atMs - rangeMs), heard];
    else set({ ...view, history: upToNow(appendRow(history, heard, paceMs())) });
  }

  /** The window ends at the last row while rows come, so that lines reach its edge, and at the present in a silence. */
  function upToNow(history: TargetHistory): TargetHistory {
    const nowMs = client.nowMs() + hubAheadMs;
    const rowMs = history.times.at(-1);
    if (rowMs !== undefined && !isSilentAt(history, nowMs, paceMs())) {
      return moveWindow(history, rowMs, rangeMs);
    }
    return moveWindow(closeSilence(history, nowMs, paceMs()), nowMs, rangeMs);
  }

  async function read(): Promise<void> {
    if (reading !== null) return;
    const own = new AbortController();
    reading = own;
    readDueAtMs = null;
    try {
      const answer = await client.readHistory(host, { range, signal: own.signal });
      failures = 0;
      readAtMs = client.nowMs();
      hubAheadMs = answer.toMs - readAtMs;
      const known = view.history ?? emptyHistory(answer.host, answer.fromMs, answer.toMs);
      const merged = mergeHistory(known, answer, paceMs());
      const rows = waiting.reduce((history, heard) => appendRow(history, heard, paceMs()), merged);
      waiting = [];
      set({ history: upToNow(rows), error: null });
    } catch (error) {
      if (own.signal.aborted) return;
      if (!(error instanceof BoonerError)) throw error;
      const withinMs = Math.min(MAX_RETRY_WITHIN_MS, RETRY_WITHIN_MS * 2 ** failures++);
      readDueAtMs = client.nowMs() + Math.random() * withinMs;
      set({ ...view, error });
    } finally {
      if (reading === own) reading = null;
    }
  }

  function look(): void {
    if (readDueAtMs !== null && readDueAtMs <= client.nowMs()) void read();
    const { history } = view;
    if (history === null) return;
    const isSilent = history.times.length === 0 || isSilentAt(history, client.nowMs() + hubAheadMs, paceMs());
    if (isSilent) set({ ...view, history: upToNow(history) });
  }

  function start(): () => void {
    const leave = live.subscribe(hear);
    const timer = setInterval(look, LOOK_INTERVAL_MS);
    hear();
    void read();
    return () => {
      leave();
      clearInterval(timer);
      reading?.abort();
      reading = null;
    };
  }

  return {
    getSnapshot: () => view,
    subscribe(listener) {
      listeners.add(listener);
      stop ??= start();
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        stop?.();
        stop = null;
      };
    },
  };
}

function hasSkipped(before: Heard, now: Heard): boolean {
  if (before.place === null || now.place === null) return false;
  return before.place.instance === now.place.instance && now.place.sequence > before.place.sequence + 1;
}

function mainServerOf(client: Pick<BoonerClient, 'fleet'>): Heard | null {
  const fleet = client.fleet.getSnapshot();
  const measurements = fleet?.mainServer.measurements ?? null;
  if (fleet === null || measurements === null) return null;
  return { atMs: measurements.sampledAtMs, measurements, intervalMs: fleet.intervalMs, place: null };
}

function targetOf(client: Pick<BoonerClient, 'target'>, host: string): Heard | null {
  const state = client.target(host).getSnapshot();
  if (state.type !== 'found') return null;
  const { sample, lastSeenAtMs, status } = state.target;
  // What is stored of a host that is not active may have been measured long before it was seen last.
  if (sample === null || lastSeenAtMs === null || status !== 'active') return null;
  return { atMs: lastSeenAtMs, measurements: sample, intervalMs: sample.intervalMs, place: sample };
}
