import { HISTORY_RANGES_MS } from '@booner/protocol';
import {
  HISTORY_METRIC_NAMES,
  HISTORY_METRICS,
  type HistoryMetric,
  METRIC_GROUPS,
  type MetricDefinition,
  RANKED_METRICS,
  type RankedMetric,
} from '@booner/protocol/history-metrics';
import { z } from '@hono/zod-openapi';

const UNITS_MS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000, y: 365 * 86_400_000 } as const;
const LONGEST_MS = 10 * UNITS_MS.y;
const MAX_POINTS = 2000;
const DEFAULT_POINTS = 500;

const definitionOf = (name: HistoryMetric): MetricDefinition => HISTORY_METRICS[name];

/** Metrics of hosts, without those of each device. */
const HOST_METRICS = HISTORY_METRIC_NAMES.filter((name) => definitionOf(name).device === undefined);

const list = z.string().transform((text) => [...new Set(text.split(','))]);

/** Length of a range, such as `24h`. @returns milliseconds */
const rangeSchema = z
  .string()
  .regex(/^[1-9]\d{0,6}[mhdwy]$/, { error: 'must be a length of time such as 15m, 24h, 7d or 1y' })
  .transform((text) => Number(text.slice(0, -1)) * UNITS_MS[text.at(-1) as keyof typeof UNITS_MS])
  .refine((rangeMs) => rangeMs <= LONGEST_MS, { error: 'must be at most 10y' });

/** A point in time. @returns Unix milliseconds */
const timeSchema = z
  .string()
  .transform((text) => (/^\d{1,15}$/.test(text) ? Number(text) : Date.parse(text)))
  .refine((ms) => Number.isFinite(ms), {
    error: 'must be a time such as 2026-01-28T12:00:00Z, or Unix milliseconds',
  });

const metricsSchema = list.transform((names, context): readonly HistoryMetric[] => {
  const unknown = names.find((name) => metricsNamed(name).length === 0);
  if (unknown === undefined) return [...new Set(names.flatMap(metricsNamed))];
  context.addIssue({
    code: 'custom',
    message: `must be metrics or groups, separated by commas, not ${JSON.stringify(unknown.slice(0, 50))}; the groups are ${METRIC_GROUPS.join(', ')}`,
  });
  return z.NEVER;
});

/** Returns a metric, or those of a group. */
function metricsNamed(name: string): readonly HistoryMetric[] {
  if (HISTORY_METRIC_NAMES.includes(name as HistoryMetric)) return [name as HistoryMetric];
  return HISTORY_METRIC_NAMES.filter((one) => HISTORY_METRICS[one].group === name);
}

/** A metric to rank by, or its group for the first one of it. */
const rankedSchema = z.string().transform((name, context): RankedMetric => {
  const found = RANKED_METRICS.find((one) => one === name || HISTORY_METRICS[one].group === name);
  if (found !== undefined) return found;
  context.addIssue({ code: 'custom', message: `must be one of ${RANKED_METRICS.join(', ')}` });
  return z.NEVER;
});

const shown = (description: string, example: string) => ({ type: 'string' as const, description, example });
/** Patterns of the API reference. They spell out their alphabets; see `shown-values.ts`. */
const TIME_PATTERN =
  '^(?:[0-9]{1,13}|20[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z)$';
const RANGE_PATTERN = '^[1-9][0-9]{0,2}[mhd]$';
const METRIC_PATTERN = [...HISTORY_METRIC_NAMES, ...METRIC_GROUPS].join('|');

export const rangeParameters = {
  range: rangeSchema.optional().openapi({
    ...shown('How far back from now: minutes, hours, days, weeks (w) or years (y)', '24h'),
    pattern: RANGE_PATTERN,
  }),
  from: timeSchema.optional().openapi({
    ...shown('Start, instead of `range`: RFC 3339 or Unix milliseconds', '2026-01-28T12:00:00Z'),
    pattern: TIME_PATTERN,
  }),
  to: timeSchema
    .optional()
    .openapi({ ...shown('End; default: now', '2026-01-28T13:00:00Z'), pattern: TIME_PATTERN }),
};

export const metricsParameter = metricsSchema.optional().openapi({
  ...shown(
    `Metrics or groups (${METRIC_GROUPS.join(', ')}), separated by commas; default: all metrics of the host, without those of each device`,
    'cpu,memory',
  ),
  pattern: `^(?:${METRIC_PATTERN})(?:,(?:${METRIC_PATTERN}))*$`,
});

export const pointsParameter = z.coerce
  .number()
  .int()
  .min(1)
  .max(MAX_POINTS)
  .optional()
  .openapi({
    type: 'integer',
    description: `Highest number of points; default: ${DEFAULT_POINTS}`,
    example: 500,
  });

export const rankedParameter = rankedSchema.optional().openapi({
  ...shown('Metric to rank by, or its group', 'cpu'),
  enum: [...RANKED_METRICS, ...new Set(RANKED_METRICS.map((name) => HISTORY_METRICS[name].group))],
});

export type RangeValues = {
  readonly range?: number | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
};

/** A range of time, and what is wrong with the one that was asked for. */
export type AskedRange =
  | { readonly ok: true; readonly fromMs: number; readonly toMs: number }
  | { readonly ok: false; readonly issue: { readonly pointer: string; readonly detail: string } };

/** Returns the range of a query: the last hour by default. */
export function askedRange({ range, from, to }: RangeValues, nowMs: number): AskedRange {
  if (range !== undefined && from !== undefined) {
    return wrong('/range', 'cannot be combined with from');
  }
  const toMs = to ?? nowMs;
  // Nothing is kept for longer.
  const fromMs = Math.max(from ?? toMs - (range ?? UNITS_MS.h), toMs - LONGEST_MS);
  if (fromMs >= toMs) return wrong('/from', 'must be before to');
  return { ok: true, fromMs, toMs };
}

const wrong = (pointer: string, detail: string): AskedRange => ({ ok: false, issue: { pointer, detail } });

export type SeriesValues = RangeValues & {
  readonly metrics?: readonly HistoryMetric[] | undefined;
  readonly points?: number | undefined;
};

/**
 * Returns the span of a query for the last minutes as they are kept in memory; `null` for a query
 * of the history.
 */
export function recentRangeMs({ range, from, to, metrics, points }: SeriesValues): number | null {
  if (from !== undefined || to !== undefined || metrics !== undefined || points !== undefined) return null;
  const spans: readonly number[] = Object.values(HISTORY_RANGES_MS);
  const rangeMs = range ?? HISTORY_RANGES_MS['15m'];
  return spans.includes(rangeMs) ? rangeMs : null;
}

/** Metrics and points of a query, with their defaults. */
export const askedSeries = ({ metrics = HOST_METRICS, points = DEFAULT_POINTS }: SeriesValues) => ({
  metrics,
  points,
});
