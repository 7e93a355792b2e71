import type { BlockStore } from './block-store.ts';
import { RAW, TIERS, type Tier } from './tiers.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Larger jumps are no corrections of a clock that drifts. */
const MAX_JUMP_MS = HOUR_MS;
/** Time for an operator, or for NTP, to set a wrong clock. */
const DOUBT_MS = DAY_MS;
/** A day has two blocks of this tier, which is kept for at least 8 days. */
const TEN_MINUTES = TIERS.find(({ name }) => name === '10m') as Tier;

export type ClockTimes = {
  /** Unix milliseconds by the hub's clock. */
  readonly wallMs: number;
  /** Milliseconds of a clock that cannot be set. */
  readonly monotonicMs: number;
};

/**
 * Decides whether the hub's clock tells how old data is. It does not for 24 h after it jumped ahead
 * by more than an hour, or after a start with a history that does not reach to now: a clock that is
 * years ahead would have everything deleted. Set back to where the history goes on, it is trusted
 * at once.
 */
export class ClockGuard {
  #last: ClockTimes | null = null;
  #doubt: { readonly reason: string; readonly untilMonotonicMs: number } | null = null;

  /**
   * Takes the time. Must be called often.
   * @param isContinued whether the history reaches to now, read only if it matters
   * @returns why the clock is in doubt; `null` if it is trusted
   */
  look(now: ClockTimes, isContinued: () => boolean): string | null {
    const last = this.#last;
    const jumpMs = last === null ? 0 : now.wallMs - last.wallMs - (now.monotonicMs - last.monotonicMs);
    const untilMonotonicMs = now.monotonicMs + DOUBT_MS;
    if (jumpMs > MAX_JUMP_MS) {
      const reason = `the clock jumped ahead by ${Math.round(jumpMs / HOUR_MS)} h`;
      this.#doubt = { reason: this.#doubt?.reason ?? reason, untilMonotonicMs };
    } else if (last === null && !isContinued())
      this.#doubt = {
        reason: 'of one of the last two days nothing is stored: the hub was off, or its clock is wrong',
        untilMonotonicMs,
      };
    else if (this.#doubt !== null) {
      const isOver = now.monotonicMs >= this.#doubt.untilMonotonicMs;
      if (isOver || (jumpMs < -MAX_JUMP_MS && isContinued())) this.#doubt = null;
    }
    this.#last = now;
    return this.#doubt?.reason ?? null;
  }
}

/**
 * Returns true if each of the last two days has blocks, or no block is older. One day would not do:
 * a clock that was set ahead fills it within a minute, and the hub may then be restarted.
 */
export function reachesTo(store: Pick<BlockStore, 'oldestMs' | 'hasBlocks'>, nowMs: number): boolean {
  const dayAgoMs = nowMs - DAY_MS;
  const isOld = ({ index, blockMs }: Tier) => {
    const startMs = store.oldestMs(index);
    return startMs !== null && startMs + blockMs <= dayAgoMs;
  };
  if (!TIERS.some(isOld)) return true;
  return (
    store.hasBlocks(RAW.index, dayAgoMs, nowMs) &&
    store.hasBlocks(TEN_MINUTES.index, dayAgoMs - DAY_MS, dayAgoMs)
  );
}
