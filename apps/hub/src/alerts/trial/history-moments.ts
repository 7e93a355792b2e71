import { type Annotation, DEFAULT_INTERVAL_MS, type SeriesHistory, SILENT_INTERVALS } from '@booner/protocol';

/** A time at which a rule is evaluated on the history of a host. */
export type Moment = {
  /** Unix milliseconds, ascending. */
  readonly atMs: number;
  /** Row of the page that was known then; `null`: nothing was received. */
  readonly row: number | null;
  /** What happened to the host at this time; `null`: it is a row, or time that it was offline. */
  readonly annotation: Annotation | null;
  readonly isOffline: boolean;
};

/**
 * Replays the history of one host, page by page. Live evaluation also takes place while a host is
 * offline, so that time has moments, too. A silence of a host that was not offline has none: the
 * hub was not running, or received nothing.
 */
export class HistoryMoments {
  #isOffline = false;
  #offlineAtMs = Number.NEGATIVE_INFINITY;
  #rowMs = Number.NEGATIVE_INFINITY;
  /** Time between the last two samples, where they are read as they were received. */
  #intervalMs = DEFAULT_INTERVAL_MS;
  #atMs = Number.NEGATIVE_INFINITY;

  /** Returns the moments of a page, which follows on the one before. */
  *of(page: SeriesHistory): Generator<Moment, void> {
    const { stepMs, timesMs, toMs } = page;
    const events = eventsOf(page);
    for (const [row, startMs] of timesMs.entries()) {
      // A coarser page may begin before the end of the one before.
      if (startMs <= this.#rowMs || page.series.every(({ avg }) => avg[row] === null)) continue;
      // The value of a point is known at its end.
      const atMs = stepMs === null ? startMs : Math.min(startMs + stepMs, toMs);
      yield* this.#until(atMs, page, events);
      this.#receive(startMs);
      yield this.#moment(atMs, row);
    }
    yield* this.#until(toMs, page, events);
  }

  /** Passes what happened before a time, and the time in which the host was offline. */
  *#until(endMs: number, page: SeriesHistory, events: Event[]): Generator<Moment, void> {
    const lengthMs = page.stepMs ?? this.#intervalMs;
    if (page.tier === 'store') this.#noteSilence(lengthMs, endMs);
    while (true) {
      const event = events[0];
      const eventMs = event === undefined ? Number.POSITIVE_INFINITY : Math.max(event.atMs, this.#atMs);
      const dueMs = this.#isOffline ? this.#atMs + lengthMs : Number.POSITIVE_INFINITY;
      if (Math.min(eventMs, dueMs) >= endMs) return;
      if (dueMs < eventMs) {
        yield this.#moment(dueMs, null);
        continue;
      }
      events.shift();
      const { annotation } = event!;
      if (annotation.kind === 'offline') {
        this.#isOffline = true;
        this.#offlineAtMs = eventMs;
      } else if (annotation.kind === 'online') this.#isOffline = false;
      yield { ...this.#moment(eventMs, null), annotation };
    }
  }

  /** A Prometheus store has no annotations. There, silence is all that is known of a host. */
  #noteSilence(lengthMs: number, nextMs: number): void {
    const isKnown = Number.isFinite(this.#rowMs);
    if (isKnown && nextMs - this.#rowMs > (1 + SILENT_INTERVALS) * lengthMs) this.#isOffline = true;
  }

  #receive(startMs: number): void {
    if (!this.#isOffline && Number.isFinite(this.#rowMs)) this.#intervalMs = startMs - this.#rowMs;
    this.#rowMs = startMs;
    if (startMs >= this.#offlineAtMs) this.#isOffline = false;
  }

  #moment(atMs: number, row: number | null): Moment {
    this.#atMs = atMs;
    return { atMs, row, annotation: null, isOffline: this.#isOffline };
  }
}

type Event = { readonly atMs: number; readonly annotation: Annotation };

/** Returns the annotations of a page by the time at which they were known, each on one page. */
const eventsOf = ({ annotations, fromMs, toMs }: SeriesHistory): Event[] =>
  annotations
    .map((annotation) => ({ atMs: annotation.untilMs ?? annotation.atMs, annotation }))
    .filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
    .sort((a, b) => a.atMs - b.atMs);
