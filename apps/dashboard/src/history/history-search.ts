import type { SeriesSpan } from '@booner/client';
import type { HistoryRange } from '@booner/protocol';
import { HISTORY_RANGES_MS } from '@booner/protocol/limits';
import * as z from 'zod/mini';
import type { TimeSpan } from '../charts/zoom-context.ts';

/** Default range of the charts: live, from the hub's memory. */
export const DEFAULT_RANGE = '15m';
/** Ranges to choose from. The address may have any other. */
export const RANGES = ['15m', '1h', '6h', '24h', '7d', '30d', '1y'] as const;
/** Ranges to choose from on hubs that keep the last minutes only. */
export const LIVE_RANGES = ['1m', '2m', '5m', '10m', '15m'] as const satisfies readonly HistoryRange[];

const UNITS_MS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000, y: 365 * 86_400_000 } as const;
const LONGEST_MS = 10 * UNITS_MS.y;

/** Returns the length of a range such as `24h`; `null` if it is none. */
export function rangeMsOf(range: string): number | null {
  const [, count, unit] = /^([1-9]\d{0,5})([mhdwy])$/.exec(range) ?? [];
  if (count === undefined || unit === undefined) return null;
  const ms = Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS];
  return ms <= LONGEST_MS ? ms : null;
}

const moment = z.catch(z.optional(z.coerce.number().check(z.refine(Number.isSafeInteger))), undefined);

/** A range in the URL. Invalid values are omitted. */
export const rangeFields = {
  range: z.catch(z.optional(z.string().check(z.refine((text) => rangeMsOf(text) !== null))), undefined),
  /** Instead of the range, or a part of it, in Unix milliseconds. */
  from: moment,
  to: moment,
};

/** Parameters of a page with the history of one host. */
export const hostHistorySchema = z.object({
  ...rangeFields,
  /** `before`: also shows the period before. */
  compare: z.catch(z.optional(z.enum(['before'])), undefined),
  /** The chart that is open in full size. */
  chart: z.catch(z.optional(z.string()), undefined),
});
export type HostHistorySearch = z.infer<typeof hostHistorySchema>;

/** Reads a span of the URL. `null` unless it has both ends, in order. */
export const readZoom = (from: number | undefined, to: number | undefined): TimeSpan | null =>
  from !== undefined && to !== undefined && from < to && to - from <= LONGEST_MS
    ? { fromMs: from, toMs: to }
    : null;

/** The range that charts of a host show: the last minutes, live, or a stored one. */
export type ShownRange =
  | { readonly type: 'live'; readonly range: HistoryRange; readonly zoom: TimeSpan | null }
  | { readonly type: 'stored'; readonly span: SeriesSpan };

export type ShownRangeOptions = {
  readonly nowMs: number;
  /** The hub keeps more than the last minutes. */
  readonly isKept: boolean;
};

/** Parts of the last 15 minutes are shown live, with every sample. */
export function shownRange(
  { range = DEFAULT_RANGE, from, to }: Pick<HostHistorySearch, 'range' | 'from' | 'to'>,
  { nowMs, isKept }: ShownRangeOptions,
): ShownRange {
  const zoom = readZoom(from, to);
  const live = isLiveRange(range) ? range : DEFAULT_RANGE;
  if (!isKept) return { type: 'live', range: live, zoom };
  if (zoom !== null) {
    const isRecent = zoom.fromMs >= nowMs - HISTORY_RANGES_MS[live];
    return isRecent && isLiveRange(range) ? { type: 'live', range, zoom } : { type: 'stored', span: zoom };
  }
  return isLiveRange(range) ? { type: 'live', range, zoom: null } : { type: 'stored', span: { range } };
}

const isLiveRange = (range: string): range is HistoryRange => Object.hasOwn(HISTORY_RANGES_MS, range);
