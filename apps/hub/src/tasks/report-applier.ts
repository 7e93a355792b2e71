import type { ReceivedReport, ReportOutcome, TaskBus } from '@booner/bus';
import {
  createFailureLog,
  type FailureLog,
  type Logger,
  retry,
  runLoop,
  sleep,
  unlessAborted,
} from '@booner/service';

/** Reports per read, and the maximum that this hub holds. More stay on the bus. */
const BATCH = 100;
const MAX_HELD = 1000;
/**
 * A hub that holds a report for longer than this counts as dead, and another one applies the
 * report. With the interval, this is less than the time until a runner is lost, some 25 s, so that
 * the end that a runner reported before it died counts.
 */
const TAKE_OVER_AFTER_MS = 10_000;
const TAKE_OVER_INTERVAL_MS = 5000;
/** Time limit for reports in progress when the hub stops. Then another hub takes them over. */
const DRAIN_MS = 1000;

export type ReportApplierDeps = {
  readonly bus: Pick<TaskBus, 'whenConnected' | 'nextReports' | 'takeOverReports' | 'apply'>;
  readonly log: Logger;
};

/**
 * Applies the reports of runners: those of one task in order, those of different tasks in parallel.
 * A report that the bus refuses stays and is retried until it is applied; others go on meanwhile.
 */
export class ReportApplier {
  readonly #deps: ReportApplierDeps;
  readonly #counts = new Map<ReportOutcome['type'], number>([
    ['applied', 0],
    ['repeated', 0],
    ['late', 0],
  ]);
  /** Reports that wait behind the one in progress, by task. */
  readonly #lanes = new Map<string, ReceivedReport[]>();
  readonly #running = new Set<Promise<void>>();
  /** The bus delivers reports again after a reconnect. Those in hand are not accepted twice. */
  readonly #held = new Set<string>();
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

  /** Number of reports since the start by outcome. */
  get counts(): ReadonlyMap<ReportOutcome['type'], number> {
    return this.#counts;
  }

  /**
   * Applies reports until the signal aborts. Resolves when those in hand are done, at most 1 s
   * later.
   */
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
        if (!isNew) return;
      }
    };
    return runLoop(
      {
        ...{ run, intervalMs: TAKE_OVER_INTERVAL_MS, isAligned: true },
        ...{ ready: bus.whenConnected, failures: this.#failures },
      },
      { signal },
    );
  }

  /** @returns the number of reports that were not in hand before */
  #accept(reports: readonly ReceivedReport[], signal: AbortSignal): number {
    const fresh = reports.filter((received) => !this.#held.has(idOf(received)));
    for (const received of fresh) {
      this.#held.add(idOf(received));
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

  /**
   * Ends early with the signal if a report cannot be applied: it stays on the bus for another hub.
   */
  async #runLane(key: string, first: ReceivedReport, signal: AbortSignal): Promise<void> {
    for (let received: ReceivedReport | undefined = first; received !== undefined; ) {
      const report = received;
      const apply = () => this.#deps.bus.apply(report);
      const outcome = await retry(apply, { failures: this.#failures }, { signal });
      if (outcome === 'aborted') break;
      this.#counts.set(outcome.type, (this.#counts.get(outcome.type) ?? 0) + 1);
      this.#held.delete(idOf(report));
      received = this.#lanes.get(key)?.shift();
    }
    this.#lanes.delete(key);
    this.#room.resolve();
    this.#room = Promise.withResolvers();
  }
}

/** Returns what no other report in hand has: streams of two hosts may use the same cursor. */
const idOf = ({ host, cursor }: ReceivedReport): string => `${host} ${cursor}`;

/**
 * Returns the key of reports that must be applied in order: the task, or the host for reports
 * without a task.
 */
function laneOf(received: ReceivedReport): string {
  const { report } = received;
  if (report === null) return idOf(received);
  return report.type === 'hello' ? report.host : report.task;
}
