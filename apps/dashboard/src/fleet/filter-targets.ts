import type { TargetSummary } from '@booner/protocol';
import type { StatusFilter } from './fleet-search.ts';
import { IN_TROUBLE, OFFLINE, type RankedTargets } from './trouble-order.ts';

export type TargetFilter = {
  readonly q?: string | undefined;
  readonly status?: StatusFilter | undefined;
  readonly label?: string | undefined;
};

/** Returns the targets with the status, the label, and every word in host, label or specs. */
export function filterTargets(
  { targets, ranks }: RankedTargets,
  { q = '', status, label }: TargetFilter,
): readonly TargetSummary[] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  const hasStatus = (target: TargetSummary): boolean => {
    const rank = ranks.get(target.host);
    return status === 'trouble' ? rank === OFFLINE || rank === IN_TROUBLE : target.status === status;
  };
  if (words.length === 0 && status === undefined && label === undefined) return targets;
  return targets.filter((target) => {
    if (status !== undefined && !hasStatus(target)) return false;
    if (label !== undefined && target.label !== label) return false;
    const text = `${target.host} ${target.label ?? ''} ${target.specs}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** Counts the targets per label, in alphabetical order. */
export function countLabels(targets: readonly TargetSummary[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { label } of targets) if (label !== null) counts.set(label, (counts.get(label) ?? 0) + 1);
  return new Map([...counts].sort(([a], [b]) => a.localeCompare(b)));
}
