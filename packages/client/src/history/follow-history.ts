import type { HistoryRange, Measurements, TargetHistory } from '@booner/protocol';
import { backoffDelayMs } from '@booner/protocol/backoff';
import { CLOCK_TOLERANCE_MS, DEFAULT_INTERVAL_MS, HISTORY_RANGES_MS } from '@booner/protocol/limits';
import { BoonerError } from '../http/booner-error.ts';
import type { HistoryRequests } from '../http/history-requests.ts';
import type { Fleet } from '../status/fleet.ts';
import type { TargetState } from '../status/target-stream.ts';
import type { Store, WritableStore } from '../store/store.ts';
import type { Clock } from '../time/clock.ts';
import {
  appendRow,
  closeSilence,
  emptyHistory,
  isSilentAt,
  mergeHistory,
  moveWindow,
} from './history-rows.ts';

/** Pause between two checks for a silent host or a read that is due. */
const CHECK_INTERVAL_MS = 3000;
const RETRY_BACKOFF = { minMs: 3000, maxMs: 30_000 };
/**
 * Shortest time between two reads for samples that the stream skipped because the agent is faster.
 */
const REFINE_INTERVAL_MS = 15_000;

export type HistoryState = {
  /** The last minutes, a new object at each addition; `null` before the first answer. */
  readonly history: TargetHistory | null;
  /** The error of the last read, if it failed. The client retries by itself. */
  readonly error: BoonerError | null;
};

export type HistorySources = Pick<HistoryRequests, 'readHistory'> & {
  readonly fleet: Store<Fleet | null>;
  readonly target: (host: string) => Store<TargetState>;
  readonly nowMs: () => number;
  readonly hubNowMs: () => number;
  readonly random: () => number;
  readonly clock: Clock;
};

export type HistoryScope = {
  /** `null`: the main server. */
  readonly host: string | null;
  readonly range: HistoryRange;
};

type Received = {
  readonly atMs: number;
  readonly measurements: Measurements;
  readonly intervalMs: number;
  /** Place of the sample among those of one start of the agent, to detect skipped ones. */
  readonly place: { readonly instance: string; readonly sequence: number } | null;
};

/**
 * Keeps the history of one host in `store`: reads it once, extends it from the stream, and fills
 * holes in the stream by further reads.
 * @param closed stops it, too
 * @returns a function that stops it
 */
export function followHistory(
  { readHistory, fleet, target, nowMs, hubNowMs, random, clock }: HistorySources,
  { host, range }: HistoryScope,
  store: WritableStore<HistoryState>,
  closed: AbortSignal,
): () => void {
  if (closed.aborted) return () => undefined;
  const rangeMs = HISTORY_RANGES_MS[range];
  const stop = new AbortController();
  let view = store.getSnapshot();
  let last: Received | null = null;
  /** Received before the first answer, within the range. */
  let waiting: Received[] = [];
  /** The hub's clock minus this machine's. */
  let hubAheadMs = hubNowMs() - nowMs();
  let isReading = false;
  let readDueAtMs: number | null = null;
  let readAtMs = Number.NEGATIVE_INFINITY;
  let failures = 0;

  const set = (next: HistoryState) => {
    view = next;
    store.set(next);
  };
  /** Interval at which samples arrive: that of the agent or the stream, whichever is slower. */
  const paceMs = () =>
    Math.max(last?.intervalMs ?? 0, fleet.getSnapshot()?.intervalMs ?? DEFAULT_INTERVAL_MS);
  const readBy = (atMs: number) => {
    readDueAtMs = Math.min(readDueAtMs ?? Number.POSITIVE_INFINITY, atMs);
    if (readDueAtMs <= nowMs()) void read();
  };

  function receive(): void {
    const received = host === null ? mainServerOf(fleet.getSnapshot()) : targetOf(target(host).getSnapshot());
    if (received === null || received.measurements === last?.measurements) return;
    if ((view.history?.times.at(-1) ?? 0) - received.atMs > CLOCK_TOLERANCE_MS) {
      view = { ...view, history: null };
      readBy(nowMs());
    }
    const { history } = view;
    if (history !== null && isSilentAt(history, received.atMs, paceMs())) readBy(nowMs());
    else if (last !== null && hasSkipped(last, received)) readBy(readAtMs + REFINE_INTERVAL_MS);
    last = received;
    if (history === null)
      waiting = [...waiting.filter(({ atMs }) => atMs > received.atMs - rangeMs), received];
    else set({ ...view, history: upToNow(appendRow(history, received, paceMs())) });
  }

  /**
   * Ends the window at the last row while rows arrive, so that lines reach its edge, and at the
   * present during a silence.
   */
  function upToNow(history: TargetHistory): TargetHistory {
    const hubMs = nowMs() + hubAheadMs;
    const rowMs = history.times.at(-1);
    if (rowMs !== undefined && !isSilentAt(history, hubMs, paceMs())) {
      return moveWindow(history, rowMs, rangeMs);
    }
    return moveWindow(closeSilence(history, hubMs, paceMs()), hubMs, rangeMs);
  }

  async function read(): Promise<void> {
    if (isReading) return;
    isReading = true;
    readDueAtMs = null;
    try {
      const answer = await readHistory(host, { range, signal: stop.signal });
      if (stop.signal.aborted) return;
      failures = 0;
      readAtMs = nowMs();
      hubAheadMs = answer.toMs - readAtMs;
      const known = view.history ?? emptyHistory(answer.host, answer.fromMs, answer.toMs);
      const merged = mergeHistory(known, answer, paceMs());
      const rows = waiting.reduce((history, received) => appendRow(history, received, paceMs()), merged);
      waiting = [];
      set({ history: upToNow(rows), error: null });
    } catch (error) {
      if (stop.signal.aborted) return;
      if (!(error instanceof BoonerError)) throw error;
      readDueAtMs = nowMs() + backoffDelayMs(failures++, RETRY_BACKOFF, random);
      set({ ...view, error });
    } finally {
      isReading = false;
    }
  }

  let cancelCheck = clock.after(CHECK_INTERVAL_MS, check);
  function check(): void {
    cancelCheck = clock.after(CHECK_INTERVAL_MS, check);
    if (readDueAtMs !== null && readDueAtMs <= nowMs()) void read();
    const { history } = view;
    if (history === null) return;
    const isSilent = history.times.length === 0 || isSilentAt(history, nowMs() + hubAheadMs, paceMs());
    if (isSilent) set({ ...view, history: upToNow(history) });
  }

  const leave = (host === null ? fleet : target(host)).subscribe(receive);
  receive();
  void read();
  const end = () => {
    leave();
    cancelCheck();
    stop.abort();
    closed.removeEventListener('abort', end);
  };
  closed.addEventListener('abort', end);
  return end;
}

function hasSkipped(before: Received, now: Received): boolean {
  if (before.place === null || now.place === null) return false;
  return before.place.instance === now.place.instance && now.place.sequence > before.place.sequence + 1;
}

function mainServerOf(fleet: Fleet | null): Received | null {
  const measurements = fleet?.mainServer.measurements ?? null;
  if (fleet === null || measurements === null) return null;
  return { atMs: measurements.sampledAtMs, measurements, intervalMs: fleet.intervalMs, place: null };
}

function targetOf(state: TargetState): Received | null {
  if (state.type !== 'found') return null;
  const { sample, lastSeenAtMs, status } = state.target;
  // The stored sample of an inactive host may have been measured long before it was last seen.
  if (sample === null || lastSeenAtMs === null || status !== 'active') return null;
  return { atMs: lastSeenAtMs, measurements: sample, intervalMs: sample.intervalMs, place: sample };
}
