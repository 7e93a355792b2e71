import type { TargetSummary } from '@booner/protocol';
import { labelsText } from '@booner/protocol/labels';
import { viewSubjectOf } from '@booner/protocol/selector';
import type { StatusFilter } from './fleet-search.ts';
import { type Query, readQuery } from './read-query.ts';
import { isInTrouble, type RankedTargets } from './trouble-order.ts';

export type TargetFilter = {
  readonly q?: string | undefined;
  readonly status?: StatusFilter | undefined;
  readonly label?: string | undefined;
};

/**
 * Returns the targets with the status, the label, and every word in host, label, labels or specs. A
 * search with `=`, `!` or `(` is a selector instead; one with an issue finds nothing.
 */
export function filterTargets(
  ranked: RankedTargets,
  { q = '', status, label }: TargetFilter,
): readonly TargetSummary[] {
  const { targets } = ranked;
  const query = readQuery(q);
  const hasStatus = (target: TargetSummary): boolean =>
    status === 'trouble' ? isInTrouble(ranked, target.host) : target.status === status;
  const isAny = query.type === 'words' && query.words.length === 0;
  if (isAny && status === undefined && label === undefined) return targets;
  return targets.filter((target) => {
    if (status !== undefined && !hasStatus(target)) return false;
    if (label !== undefined && target.label !== label) return false;
    return matches(query, target);
  });
}

function matches(query: Query, target: TargetSummary): boolean {
  switch (query.type) {
    case 'words': {
      const { host, label, labels = {}, specs } = target;
      const text = `${host} ${label ?? ''} ${labelsText(labels)} ${specs}`.toLowerCase();
      return query.words.every((word) => text.includes(word));
    }
    case 'selector':
      return query.selector.matches(viewSubjectOf(target));
    case 'issue':
      return false;
    default:
      return query satisfies never;
  }
}

/** Counts the targets per label, in alphabetical order. */
export function countLabels(targets: readonly TargetSummary[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { label } of targets) if (label !== null) counts.set(label, (counts.get(label) ?? 0) + 1);
  return new Map([...counts].sort(([a], [b]) => a.localeCompare(b)));
}
