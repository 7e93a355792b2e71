import type { TargetSummary } from '@booner/protocol';
import { severityOf } from '../format/severity.ts';
import { figuresOf } from './target-figures.ts';

/** The lower, the more it wants to be looked at. */
export type Rank = 0 | 1 | 2 | 3;
export const OFFLINE: Rank = 0;
export const IN_TROUBLE: Rank = 1;
const PENDING: Rank = 2;
const WELL: Rank = 3;
const RANKS: readonly Rank[] = [OFFLINE, IN_TROUBLE, PENDING, WELL];

/** What was in trouble is so until it is below this share, so that a host about the limit does not jump with each update. */
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
  /** What is offline, what is in trouble, what was never heard, all others; each in the order in which they came, which is by host. */
  readonly targets: readonly TargetSummary[];
  readonly ranks: ReadonlyMap<string, Rank>;
};

/** Ranks a fleet again and again, remembering what was in trouble. For the same targets it gives the same object. */
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
