import { atMost, type PartResult } from '../part-result.ts';

export type LatencyFigures = {
  readonly hosts: number;
  readonly deaths: number;
  /** From the publication of the sample that crosses a threshold to the receipt of the message. */
  readonly crossedMs: readonly number[];
  /** From the last sample of a host to the receipt of the message of a rule without `for`. */
  readonly deathMs: readonly number[];
  /** The same of the stock rule. */
  readonly stockMs: readonly number[];
};

const GOALS = { crossedMs: 1000, deathMs: 12_000, stockMs: 75_000 };

const formatMs = (ms: number): string =>
  ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;

/** Returns the value that a share of the values is not above. */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export function presentLatency(figures: LatencyFigures): PartResult {
  const row = (what: string, ms: readonly number[]) => [
    what,
    String(ms.length),
    formatMs(quantile(ms, 0.5)),
    formatMs(quantile(ms, 0.99)),
    formatMs(Math.max(...ms)),
  ];
  return {
    title: 'Alerts, latency: to the receipt of the message',
    head: ['from', 'messages', 'p50', 'p99', 'most'],
    rows: [
      row('the sample that crosses the threshold', figures.crossedMs),
      row('the last sample of a host that died, for: 0s', figures.deathMs),
      row('the same, stock rule', figures.stockMs),
    ],
    goals: [
      atMost('sample to message, p99', quantile(figures.crossedMs, 0.99), GOALS.crossedMs, formatMs),
      atMost('death to message, for: 0s', Math.max(...figures.deathMs), GOALS.deathMs, formatMs),
      atMost('death to message, stock rule', Math.max(...figures.stockMs), GOALS.stockMs, formatMs),
    ],
    notes: [
      'A message waits half a second for others of its group. Hosts are offline after three intervals of 3 s.',
    ],
    failures: [],
    figures,
  };
}
