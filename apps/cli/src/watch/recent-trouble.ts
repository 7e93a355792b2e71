import type { TargetSummary } from '@booner/protocol';
import { ENOUGH_BELOW_RATIO } from '@booner/protocol/severity';
import { type ShortagesOf, shortagesIn, usageOf } from '../texts/trouble.ts';
import type { LoadHistory } from './load-history.ts';

const isStillShort = (ratio: number | null): boolean => ratio !== null && ratio >= ENOUGH_BELOW_RATIO;

/**
 * Returns a function that finds shortages for a screen whose rows must not jump. CPU counts by the
 * mean of the last minute, and a shortage ends well below the limit at which it started.
 */
export function followTrouble(loads: Pick<LoadHistory, 'of'>): ShortagesOf {
  const short = new Set<string>();
  return (target) => {
    const { host, status } = target;
    const usage = { ...usageOf(target), cpu: recentCpu(target, loads) };
    const isShort = short.has(host) ? isStillShort : undefined;
    const shortages = status === 'active' ? shortagesIn(usage, isShort) : [];
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
