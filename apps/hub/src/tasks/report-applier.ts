import { BusError, isOutage, type ReceivedReport, type ReportOutcome, type TaskBus } from '@booner/bus';
import type { Cursor } from '@booner/protocol';
import { backoffDelayMs, type Logger, runInterval, sleep } from '@booner/service';

/** Reports taken from the bus at a time, and those that this hub holds at most; more stay on the bus. */
const BATCH = 100;
const MAX_HELD = 1000;
/**
 * A hub that holds a report for longer than this is taken for dead, and another one applies it. Together with the interval less than it
 * takes a runner to be found lost, some 25 s: the end that a runner reported before it died counts.
 */
const TAKE_OVER_AFTER_MS = 10_000;
const TAKE_OVER_INTERVAL_MS = 5000;
/** How soon reading goes on when the bus is back. */
const LOOK_AGAIN_MS = 200;
const RETRY_BACKOFF = { minMs: 100, maxMs: 2000 };
/** Once the hub stops, reports that are being applied get this long; then another hub takes them over. */
const DRAIN_MS = 1000;

export type ReportApplierDeps = {
  readonly bus: Pick<TaskBus, 'connection' | 'nextReports' | 'takeOverReports' | 'apply'>;
  readonly log: Logger;
};

/**
 * Applies what runners report. The reports of one task are applied in their order, those of different tasks side by side. A report
 * that the bus does not let be applied stays and is tried again until it is; others go on meanwhile.
 */
export class ReportApplier {
  readonly #deps: ReportApplierDeps;
  readonly #counts = new Map<ReportOutcome['type'], number>([
    ['applied', 0],
    ['repeated', 0],
    ['late', 0],
  ]);
  /** By task: the reports that wait behind the one that is being applied. */
  readonly #lanes = new Map<string, ReceivedReport[]>();
  readonly #running = new Set<Promise<void>>();
  /** A report is delivered again when the bus reconnects; what is in hand already is not taken twice. */
  readonly #held = new Set<Cursor>();
  /** What does not work now: lanes, `reading`, `taking over`. One line in the log when it begins, one when all works again. */
  readonly #failing = new Set<string>();
  #room = Promise.withResolvers<void>();

  constructor(deps: ReportApplierDeps) {
    this.#deps = deps;
  }

  /** Reports by what came of them since the start. */
  get counts(): ReadonlyMap<ReportOutcome['type'], number> {
    return this.#counts;
  }

  /** Applies reports until the signal aborts. Resolves when those in hand are done, or 1 s later. */
  async run({ signal }: { signal: AbortSignal }): Promise<void> {
    await Promise.all([this.#read(signal), this.#takeOver(signal)]);
    const drained = new AbortController();
    const inHand = Promise.all(this.#running).then(() => drained.abort());
    await Promise.race([inHand, sleep(DRAIN_MS, drained.signal)]);
  }

  async #read(signal: AbortSignal): Promise<void> {
    const { bus } = this.#deps;
    for (let failures = 0; !signal.aborted; ) {
      if (bus.connection().state !== 'connected') {
        await sleep(LOOK_AGAIN_MS, signal);
        continue;
      }
      try {
        // A read that the end of the hub interrupts may still take reports: they are another hub's after 10 s, and said again by then.
        const reports = await unlessAborted(bus.nextReports(BATCH), signal);
        this.#accept(reports ?? [], signal);
        this.#works('reading');
        failures = 0;
      } catch (error) {
        this.#fails('reading', error);
        await sleep(backoffDelayMs(failures++, RETRY_BACKOFF), signal);
      }
      while (this.#held.size >= MAX_HELD && !signal.aborted) {
        await unlessAborted(this.#room.promise, signal);
      }
    }
  }

  #takeOver(signal: AbortSignal): Promise<void> {
    const { bus } = this.#deps;
    const isConnected = () => bus.connection().state === 'connected';
    const run = async () => {
      while (isConnected() && this.#held.size < MAX_HELD && !signal.aborted) {
        const reports = await bus.takeOverReports(TAKE_OVER_AFTER_MS, BATCH);
        this.#works('taking over');
        const isNew = this.#accept(reports, signal) > 0;
        if (reports.length < BATCH || !isNew) return;
      }
    };
    const onError = (error: unknown) => this.#fails('taking over', error);
    return runInterval(run, { intervalMs: TAKE_OVER_INTERVAL_MS, onError }, { signal });
  }

  /** @returns how many were not in hand before */
  #accept(reports: readonly ReceivedReport[], signal: AbortSignal): number {
    const fresh = reports.filter(({ cursor }) => !this.#held.has(cursor));
    for (const received of fresh) {
      this.#held.add(received.cursor);
      const key = laneOf(received);
      const waiting = this.#lanes.get(key);
      if (waiting !== undefined) {
        waiting.push(received);
        continue;
      }
      this.#lanes.set(key, []);
      const done = this.#runLane(key, received, signal).finally(() => this.#running.delete(done));
      this.#running.add(done);
    }
    return fresh.length;
  }

  async #runLane(key: string, first: ReceivedReport, signal: AbortSignal): Promise<void> {
    for (let received: ReceivedReport | undefined = first; received !== undefined; ) {
      if (!(await this.#applyUntilDone(key, received, signal))) break;
      this.#held.delete(received.cursor);
      received = this.#lanes.get(key)?.shift();
    }
    this.#lanes.delete(key);
    this.#room.resolve();
    this.#room = Promise.withResolvers();
  }

  /** @returns `false` when the signal ended the tries: the report stays on the bus, for another hub */
  async #applyUntilDone(key: string, received: ReceivedReport, signal: AbortSignal): Promise<boolean> {
    for (let failures = 0; ; ) {
      try {
        const outcome = await this.#deps.bus.apply(received);
        this.#counts.set(outcome.type, (this.#counts.get(outcome.type) ?? 0) + 1);
        this.#works(key);
        return true;
      } catch (error) {
        this.#fails(key, error);
        if (!(await sleep(backoffDelayMs(failures++, RETRY_BACKOFF), signal))) return false;
      }
    }
  }

  #fails(what: string, error: unknown): void {
    if (isOutage(error)) return; // whoever watches the connection logs it
    if (this.#failing.size === 0) {
      const text = 'reports cannot be applied; they are tried again until they can';
      if (error instanceof BusError) this.#deps.log.warn({ reason: error.message }, text);
      else this.#deps.log.error({ err: error }, text); // a defect; the report stays all the same
    }
    this.#failing.add(what);
  }

  #works(what: string): void {
    if (this.#failing.delete(what) && this.#failing.size === 0) {
      this.#deps.log.info('reports are applied again');
    }
  }
}

/** What has to be applied in order: the reports of a task; of a host those that are about none. */
function laneOf({ report, cursor }: ReceivedReport): string {
  if (report === null) return cursor;
  return report.type === 'hello' ? report.host : report.task;
}

/** Waits for a promise; `null` when the signal ended the wait. Leaves nothing behind on a signal that lives as long as the hub. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | null> {
  const stopped = Promise.withResolvers<null>();
  const onAbort = () => stopped.resolve(null);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort);
  try {
    return await Promise.race([promise, stopped.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
