import type { TargetSummary } from '@booner/protocol';
import { SHORT_FROM_RATIO, type ShortagesOf, shortagesIn, usageOf } from '../texts/trouble.ts';
import type { LoadHistory } from './load-history.ts';

/** Below this share, a target is no longer short of a resource. */
const ENOUGH_BELOW_RATIO = 0.85;

/**
 * Returns a function that finds shortages for a screen whose rows must not jump. CPU counts by the
 * mean of the last minute, and a shortage ends well below the limit at which it started.
 */
export function followTrouble(loads: Pick<LoadHistory, 'of'>): ShortagesOf {
  const short = new Set<string>();
  return (target) => {
    const { host, status } = target;
    const usage = { ...usageOf(target), cpu: recentCpu(target, loads) };
    const fromRatio = short.has(host) ? ENOUGH_BELOW_RATIO : SHORT_FROM_RATIO;
    const shortages = status === 'active' ? shortagesIn(usage, fromRatio) : [];
    if (shortages.length > 0) short.add(host);
    else short.delete(host);
    return shortages;
  };
}

/** Returns the mean of the last minute, or the last value before there is a history. */
function recentCpu({ host, cpuUsageRatio }: TargetSummary, loads: Pick<LoadHistory, 'of'>): number | null {
  const known = loads.of(host).filter((ratio) => ratio !== null);
  return known.length === 0 ? cpuUsageRatio : known.reduce((sum, ratio) => sum + ratio, 0) / known.length;
}
