import type { SeriesHistory } from '@booner/protocol';
import { backoffDelayMs } from '@booner/protocol/backoff';
import type { Page } from '../connection/page.ts';
import { BoonerError } from '../http/booner-error.ts';
import type { SeriesQuery, SeriesRequests } from '../http/series-requests.ts';
import type { WritableStore } from '../store/store.ts';
import type { Clock } from '../time/clock.ts';

/** Bounds of the pause between two reads, which is the length of a point. */
const MIN_PAUSE_MS = 3000;
const MAX_PAUSE_MS = 60_000;
const RETRY_BACKOFF = { minMs: 3000, maxMs: 60_000 };
const CONFLICT = 409;

export type SeriesState = {
  /** The range as it was last read; `null` before the first answer. */
  readonly history: SeriesHistory | null;
  /** The error of the last read, if it failed. The client retries by itself. */
  readonly error: BoonerError | null;
};

export type SeriesScope = {
  /** `null`: the main server. */
  readonly host: string | null;
  readonly query: SeriesQuery;
};

export type SeriesSources = Pick<SeriesRequests, 'readSeries'> & {
  readonly nowMs: () => number;
  readonly hubNowMs: () => number;
  readonly random: () => number;
  readonly clock: Clock;
  readonly page: Page;
};

/**
 * Keeps a range of the history of one host in `store`. A range that ends now is read again as its
 * points pass, unless the page is hidden. One that ended is read once.
 * @param closed stops it, too
 * @returns a function that stops it
 */
export function followSeries(
  { readSeries, nowMs, hubNowMs, random, clock, page }: SeriesSources,
  { host, query }: SeriesScope,
  store: WritableStore<SeriesState>,
  closed: AbortSignal,
): () => void {
  if (closed.aborted) return () => undefined;
  const stop = new AbortController();
  /** By `nowMs`; `null`: nothing more to read. */
  let dueAtMs: number | null = dueAfter(store.getSnapshot().history, hubNowMs()) === null ? null : nowMs();
  let isReading = false;
  let failures = 0;
  let cancelTimer: (() => void) | null = null;

  function plan(): void {
    cancelTimer?.();
    cancelTimer = null;
    if (dueAtMs === null || isReading || page.isHidden()) return;
    const waitMs = dueAtMs - nowMs();
    if (waitMs <= 0) void read();
    else cancelTimer = clock.after(waitMs, plan);
  }

  async function read(): Promise<void> {
    isReading = true;
    try {
      const history = await readSeries(host, query, { signal: stop.signal });
      if (stop.signal.aborted) return;
      failures = 0;
      const pauseMs = dueAfter(history, hubNowMs());
      dueAtMs = pauseMs === null ? null : nowMs() + pauseMs;
      store.set({ history, error: null });
    } catch (error) {
      if (stop.signal.aborted) return;
      if (!(error instanceof BoonerError)) throw error;
      const pauseMs = backoffDelayMs(failures++, RETRY_BACKOFF, random);
      dueAtMs = nowMs() + (error.status === CONFLICT ? MAX_PAUSE_MS : pauseMs);
      store.set({ ...store.getSnapshot(), error });
    } finally {
      isReading = false;
      if (!stop.signal.aborted) plan();
    }
  }

  /** The pause after which a range changes again; `null` if it does not. */
  function dueAfter(history: SeriesHistory | null, hubMs: number): number | null {
    const endMs = 'range' in query.span ? undefined : query.span.toMs;
    const isEnded = endMs !== undefined && history !== null && endMs + MAX_PAUSE_MS < hubMs;
    return isEnded ? null : Math.min(MAX_PAUSE_MS, Math.max(MIN_PAUSE_MS, history?.stepMs ?? 0));
  }

  const leavePage = page.onChange(plan);
  const end = () => {
    leavePage();
    cancelTimer?.();
    stop.abort();
    closed.removeEventListener('abort', end);
  };
  closed.addEventListener('abort', end);
  plan();
  return end;
}
