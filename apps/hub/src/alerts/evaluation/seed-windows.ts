import {
  type AlertMetric,
  readAlertMetric,
  type SeriesHistory,
  seriesHistorySchema,
  storedMetricsOf,
} from '@booner/protocol';
import type { Logger } from '@booner/service';
import type { HistoryReader } from '../../history/history-reader.ts';
import type { HostWatch } from './host-watch.ts';

/** Shorter windows fill by themselves soon enough. */
const SEEDED_FROM_MS = 10 * 60_000;
/** More than the buckets of any window. */
const POINTS = 60;
/** Hosts that wait. Beyond it, windows of further ones fill by themselves. */
const MAX_WAITING = 20_000;

export type SeedWindowsDeps = {
  readonly history: Pick<HistoryReader, 'query'> | null;
  /** Returns what is watched of the same host now; `null`: nothing. */
  readonly current: (watch: HostWatch) => HostWatch | null;
  /** Unix time. */
  readonly nowMs: () => number;
  readonly log: Logger;
};

/**
 * Fills long windows from the history, after a start or when another hub's hosts are taken over:
 * nobody wants to wait for three hours for a first result. One host at a time, in a worker thread.
 */
export class SeedWindows {
  readonly #deps: SeedWindowsDeps;
  readonly #waiting = new Set<HostWatch>();
  #isBusy = false;

  constructor(deps: SeedWindowsDeps) {
    this.#deps = deps;
  }

  /** Takes a host with new windows. */
  add(watch: HostWatch): void {
    const isLong = watch.added.some((place) => overMsOf(watch, place) >= SEEDED_FROM_MS);
    if (this.#deps.history === null || !isLong || this.#waiting.size >= MAX_WAITING) return;
    this.#waiting.add(watch);
    if (!this.#isBusy) void this.#seedAll();
  }

  /** Never rejects. */
  async #seedAll(): Promise<void> {
    this.#isBusy = true;
    for (const watch of this.#waiting) {
      this.#waiting.delete(watch);
      try {
        await this.#seed(watch);
      } catch (error) {
        // The windows fill by themselves.
        this.#deps.log.debug(
          { err: error, host: watch.subject.host },
          'windows of rules could not be filled',
        );
      }
    }
    this.#isBusy = false;
  }

  async #seed(added: HostWatch): Promise<void> {
    const { history, current, nowMs } = this.#deps;
    const bySpan = Map.groupBy(
      added.added.filter((place) => overMsOf(added, place) >= SEEDED_FROM_MS),
      (place) => overMsOf(added, place),
    );
    for (const [overMs, places] of bySpan) {
      const rules = places.map((place) => added.rules[place]!);
      const { host } = added.subject;
      const toMs = nowMs();
      const metrics = [...new Set(rules.flatMap(({ rule }) => storedMetricsOf(metricOf(rule.condition))))];
      const request = { host, shownAs: host, fromMs: toMs - overMs, toMs, points: POINTS, metrics };
      const answer = await history!.query(request);
      const read = seriesHistorySchema.parse(JSON.parse(new TextDecoder().decode(answer)));
      const watch = current(added);
      if (watch === null) return;
      for (const active of rules) {
        const place = watch.rules.indexOf(active);
        if (place !== -1) fill(watch, place, read);
      }
    }
  }
}

const overMsOf = (watch: HostWatch, place: number): number => {
  const { condition } = watch.rules[place]!.rule;
  return condition.type === 'metric' ? condition.overMs : 0;
};

type Condition = HostWatch['rules'][number]['rule']['condition'];
const metricOf = (condition: Condition): AlertMetric =>
  (condition as Extract<Condition, { type: 'metric' }>).metric;

/** Replaces windows by ones with the stored points. They include what was received meanwhile. */
function fill(watch: HostWatch, place: number, { timesMs, series }: SeriesHistory): void {
  const { rule, metric } = watch.rules[place]!;
  if (metric === null) return;
  const wanted = metricOf(rule.condition);
  const parts = storedMetricsOf(wanted);
  const devices = new Set(series.filter((each) => parts.includes(each.metric)).map(({ device }) => device));
  for (const device of devices) {
    const columns = new Map(
      series.filter((each) => each.device === device).map((each) => [each.metric, each.avg]),
    );
    const slot = metric.windows.open();
    timesMs.forEach((atMs, row) => {
      const value = readAlertMetric(wanted, (part) => columns.get(part)?.[row] ?? null);
      if (value !== null) metric.windows.add(slot, atMs, value);
    });
    watch.replace(place, device, metric.windows, slot);
  }
}
