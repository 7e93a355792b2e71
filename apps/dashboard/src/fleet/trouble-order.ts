import type { TargetSummary } from '@booner/protocol';
import { ENOUGH_BELOW_RATIO, severityOf } from '@booner/protocol/severity';
import { createCpuMinute, minuteCpuOf } from './cpu-minute.ts';
import { figuresOf } from './target-figures.ts';

/** Ranks of attention, most urgent first. */
type Rank = 0 | 1 | 2 | 3;
const OFFLINE: Rank = 0;
const IN_TROUBLE: Rank = 1;
const PENDING: Rank = 2;
const WELL: Rank = 3;
const RANKS: readonly Rank[] = [OFFLINE, IN_TROUBLE, PENDING, WELL];

/** A target that got into trouble keeps its place at least this long, so that rows hold still. */
const HOLD_MS = 60_000;

type Place = { readonly rank: Rank; readonly sinceMs: number };

function rankOf(target: TargetSummary, before: Place | undefined, nowMs: number): Rank {
  if (target.status === 'offline') return OFFLINE;
  const { memoryRatio, diskRatio } = figuresOf(target);
  const ratios = [minuteCpuOf(target), memoryRatio, diskRatio];
  if (ratios.some((ratio) => severityOf(ratio) === 'bad')) return IN_TROUBLE;
  if (before?.rank === IN_TROUBLE) {
    if (nowMs - before.sinceMs < HOLD_MS) return IN_TROUBLE;
    if (ratios.some((ratio) => ratio !== null && ratio >= ENOUGH_BELOW_RATIO)) return IN_TROUBLE;
  }
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

/** Targets that are offline or short of a resource. */
export const isInTrouble = ({ ranks }: Pick<RankedTargets, 'ranks'>, host: string): boolean => {
  const rank = ranks.get(host);
  return rank === OFFLINE || rank === IN_TROUBLE;
};

export const countTrouble = (ranked: RankedTargets): number =>
  ranked.targets.reduce((count, { host }) => count + Number(isInTrouble(ranked, host)), 0);

/**
 * Ranks a fleet repeatedly, remembering its last minute of CPU use and which targets were in
 * trouble. Returns the same object for the same targets.
 * @param nowMs any clock that does not jump, such as the hub's
 */
export function createTroubleOrder(): (targets: readonly TargetSummary[], nowMs: number) => RankedTargets {
  const cpu = createCpuMinute();
  let of: readonly TargetSummary[] | null = null;
  let places = new Map<string, Place>();
  let last: RankedTargets = { targets: [], ranks: new Map() };
  return (targets, nowMs) => {
    if (of === targets) return last;
    cpu.take(targets);
    places = new Map(
      targets.map((target) => {
        const before = places.get(target.host);
        const rank = rankOf(target, before, nowMs);
        return [target.host, before?.rank === rank ? before : { rank, sinceMs: nowMs }];
      }),
    );
    const ranks = new Map([...places].map(([host, { rank }]) => [host, rank]));
    const byRank = Map.groupBy(targets, ({ host }) => ranks.get(host) ?? WELL);
    of = targets;
    last = { targets: RANKS.flatMap((rank) => byRank.get(rank) ?? []), ranks };
    return last;
  };
}
