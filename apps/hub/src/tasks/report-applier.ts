import type { ReceivedReport, ReportOutcome, TaskBus } from '@booner/bus';
import type { Cursor } from '@booner/protocol';
import {
  createFailureLog,
  type FailureLog,
  type Logger,
  retry,
  runLoop,
  sleep,
  unlessAborted,
} from '@booner/service';

/** Reports taken from the bus at a time, and those that this hub holds at most; more stay on the bus. */
const BATCH = 100;
const MAX_HELD = 1000;
/**
 * A hub that holds a report for longer than this is taken for dead, and another one applies it. Together with the interval less than it
 * takes a runner to be found lost, some 25 s: the end that a runner reported before it died counts.
 */
const TAKE_OVER_AFTER_MS = 10_000;
const TAKE_OVER_INTERVAL_MS = 5000;
/** Once the hub stops, reports that are being applied get this long; then another hub takes them over. */
const DRAIN_MS = 1000;

export type ReportApplierDeps = {
  readonly bus: Pick<TaskBus, 'whenConnected' | 'nextReports' | 'takeOverReports' | 'apply'>;
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
  /** One for all: the lanes, reading and taking over. */
  readonly #failures: FailureLog;
  #room = Promise.withResolvers<void>();

  constructor(deps: ReportApplierDeps) {
    this.#deps = deps;
    this.#failures = createFailureLog(deps.log, {
      failing: 'reports cannot be applied; they are retried until they can',
      recovered: 'reports are applied again',
    });
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

  #read(signal: AbortSignal): Promise<void> {
    const { bus } = this.#deps;
    const run = async () => {
      while (this.#held.size >= MAX_HELD) {
        if ((await unlessAborted(this.#room.promise, signal)) === 'aborted') return;
      }
      // A read that the abort interrupts may still take reports. Another hub takes them over.
      const reports = await unlessAborted(bus.nextReports(BATCH), signal);
      if (reports !== 'aborted') this.#accept(reports, signal);
    };
    return runLoop({ run, ready: bus.whenConnected, failures: this.#failures }, { signal });
  }

  #takeOver(signal: AbortSignal): Promise<void> {
    const { bus } = this.#deps;
    const run = async () => {
      while (this.#held.size < MAX_HELD && !signal.aborted) {
        const reports = await bus.takeOverReports(TAKE_OVER_AFTER_MS, BATCH);
        const isNew = this.#accept(reports, signal) > 0;
        if (reports.length < BATCH || !isNew) return;
      }
    };
    return runLoop(
      { run, intervalMs: TAKE_OVER_INTERVAL_MS, ready: bus.whenConnected, failures: this.#failures },
      { signal },
    );
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

  /** Ends early with the signal if a report cannot be applied: it stays on the bus for another hub. */
  async #runLane(key: string, first: ReceivedReport, signal: AbortSignal): Promise<void> {
    for (let received: ReceivedReport | undefined = first; received !== undefined; ) {
      const report = received;
      const apply = () => this.#deps.bus.apply(report);
      const outcome = await retry(apply, { failures: this.#failures }, { signal });
      if (outcome === 'aborted') break;
      this.#counts.set(outcome.type, (this.#counts.get(outcome.type) ?? 0) + 1);
      this.#held.delete(report.cursor);
      received = this.#lanes.get(key)?.shift();
    }
    this.#lanes.delete(key);
    this.#room.resolve();
    this.#room = Promise.withResolvers();
  }
}

/** What has to be applied in order: the reports of a task; of a host those that are about none. */
function laneOf({ report, cursor }: ReceivedReport): string {
  if (report === null) return cursor;
  return report.type === 'hello' ? report.host : report.task;
}
