import type { TargetSummary } from '@booner/protocol';

const SPAN_MS = 60_000;

type Series = { readonly times: number[]; readonly ratios: number[] };

/**
 * Records the CPU use of a fleet, a sample at a time. One busy sample says little about a host, so
 * its rank and its note use the mean of the last minute.
 */
type CpuMinute = {
  /** Records the targets of a frame and forgets those that are gone. */
  take(targets: readonly TargetSummary[]): void;
};

const means = new WeakMap<TargetSummary, number>();

/** Returns the recorded mean of the last minute, or else the last sample; `null` if unknown. */
export const minuteCpuOf = (target: TargetSummary): number | null =>
  target.cpuUsageRatio === null ? null : (means.get(target) ?? target.cpuUsageRatio);

export function createCpuMinute(): CpuMinute {
  const series = new Map<string, Series>();
  return {
    take(targets) {
      const hosts = new Set<string>();
      for (const target of targets) {
        hosts.add(target.host);
        const mean = add(series, target);
        if (mean !== null) means.set(target, mean);
      }
      for (const host of series.keys()) if (!hosts.has(host)) series.delete(host);
    },
  };
}

function add(series: Map<string, Series>, { host, cpuUsageRatio, lastSeenAtMs }: TargetSummary) {
  if (cpuUsageRatio === null || lastSeenAtMs === null) {
    series.delete(host); // it is offline: the minute starts anew when it reports again
    return null;
  }
  let own = series.get(host);
  if (own === undefined) {
    own = { times: [], ratios: [] };
    series.set(host, own);
  }
  const { times, ratios } = own;
  if (times.at(-1) !== lastSeenAtMs) {
    times.push(lastSeenAtMs);
    ratios.push(cpuUsageRatio);
  }
  while (times.length > 1 && (times[0] ?? 0) <= lastSeenAtMs - SPAN_MS) {
    times.shift();
    ratios.shift();
  }
  return ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
}
