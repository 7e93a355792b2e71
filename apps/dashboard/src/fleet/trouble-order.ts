import type { TargetSummary } from '@booner/protocol';
import { severityOf } from '../format/severity.ts';
import { figuresOf } from './target-figures.ts';

/** Ranks of attention, most urgent first. */
export type Rank = 0 | 1 | 2 | 3;
export const OFFLINE: Rank = 0;
export const IN_TROUBLE: Rank = 1;
const PENDING: Rank = 2;
const WELL: Rank = 3;
const RANKS: readonly Rank[] = [OFFLINE, IN_TROUBLE, PENDING, WELL];

/**
 * A target in trouble stays so until it falls below this share, so that one near the limit does not
 * jump with each update.
 */
const WELL_BELOW = 0.85;

function rankOf(target: TargetSummary, before: Rank | undefined): Rank {
  if (target.status === 'offline') return OFFLINE;
  const { cpuRatio, memoryRatio, diskRatio } = figuresOf(target);
  const ratios = [cpuRatio, memoryRatio, diskRatio];
  if (ratios.some((ratio) => severityOf(ratio) === 'bad')) return IN_TROUBLE;
  if (before === IN_TROUBLE && ratios.some((ratio) => ratio !== null && ratio >= WELL_BELOW))
    return IN_TROUBLE;
  return target.status === 'pending' ? PENDING : WELL;
}

export type RankedTargets = {
  /**
   * Orders the targets: offline, in trouble, never seen, all others. Each group keeps the input's
   * order, which is by host.
   */
  readonly targets: readonly TargetSummary[];
  readonly ranks: ReadonlyMap<string, Rank>;
};

/**
 * Ranks a fleet repeatedly, remembering which targets were in trouble. Returns the same object for
 * the same targets.
 */
export function createTroubleOrder(): (targets: readonly TargetSummary[]) => RankedTargets {
  let of: readonly TargetSummary[] | null = null;
  let last: RankedTargets = { targets: [], ranks: new Map() };
  return (targets) => {
    if (of === targets) return last;
    const before = last.ranks;
    const ranks = new Map(targets.map((target) => [target.host, rankOf(target, before.get(target.host))]));
    const byRank = Map.groupBy(targets, ({ host }) => ranks.get(host) ?? WELL);
    of = targets;
    last = { targets: RANKS.flatMap((rank) => byRank.get(rank) ?? []), ranks };
    return last;
  };
}
