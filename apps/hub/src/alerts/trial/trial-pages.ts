import { HistoryError, type Retention } from '@booner/history';
import { MIN_INTERVAL_MS } from '@booner/protocol';
import { HISTORY_TIER_NAMES, HISTORY_TIERS, type HistoryTier } from '@booner/protocol/history-metrics';
import type { CompiledRule } from '../rules/compile-rule.ts';

/** Points of one series. 30 days of minutes are 43,200, as are 6 hours of two samples a second. */
const MAX_POINTS = 50_000;
const HOUR_MS = 3_600_000;
/** At most 1,800 points each. Bounds of pages are multiples of the points of coarser tiers. */
const PAGE_MS: { readonly [Name in HistoryTier]: number } = {
  raw: HOUR_MS / 4,
  '10s': 5 * HOUR_MS,
  '1m': 24 * HOUR_MS,
  '10m': 12 * 24 * HOUR_MS,
  '1h': 72 * 24 * HOUR_MS,
};

export type TrialPlan = {
  /** Start of what is read: a window and a wait before the range, or it would begin empty. */
  readonly readFromMs: number;
  readonly toMs: number;
  readonly pageMs: number;
  /** Length of a point that is asked for. Samples are read as they were received if they fit. */
  readonly pointMs: number;
};

/** Plans how to read the history for a trial: at the finest tier that is kept long enough. */
export function planTrial(
  { condition, forMs }: CompiledRule,
  {
    fromMs,
    toMs,
    retention,
  }: { readonly fromMs: number; readonly toMs: number; readonly retention: Retention },
): TrialPlan {
  const windowMs = condition.type === 'metric' ? condition.overMs : 0;
  const startMs = Math.max(0, fromMs - windowMs - forMs);
  const pointMsOf = (tier: HistoryTier) => (tier === 'raw' ? MIN_INTERVAL_MS : HISTORY_TIERS[tier].stepMs);
  const tier =
    HISTORY_TIER_NAMES.find(
      (name) => retention[name] >= toMs - startMs && (toMs - startMs) / pointMsOf(name) <= MAX_POINTS,
    ) ?? '1h';
  const pointMs = pointMsOf(tier);
  return { readFromMs: Math.floor(startMs / pointMs) * pointMs, toMs, pageMs: PAGE_MS[tier], pointMs };
}

export type PageRange = { readonly fromMs: number; readonly toMs: number; readonly points: number };

/**
 * Reads a history page by page, oldest first. A page whose answer would be too large is read in
 * smaller ones, and so are those after it.
 * @throws HistoryError of a read
 */
export async function* pagesOf<Page>(
  { readFromMs, toMs, pageMs, pointMs }: TrialPlan,
  read: (range: PageRange) => Promise<Page>,
): AsyncGenerator<Page, void> {
  let lengthMs = pageMs;
  for (let fromMs = readFromMs; fromMs < toMs; ) {
    const endMs = Math.min(toMs, (Math.floor(fromMs / lengthMs) + 1) * lengthMs);
    const points = Math.ceil((endMs - fromMs) / pointMs);
    try {
      yield await read({ fromMs, toMs: endMs, points });
      fromMs = endMs;
    } catch (error) {
      if (!(error instanceof HistoryError) || error.code !== 'too_large' || lengthMs === pointMs) throw error;
      lengthMs = Math.max(pointMs, Math.floor(lengthMs / 2 / pointMs) * pointMs);
    }
  }
}
