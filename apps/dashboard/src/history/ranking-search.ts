import * as z from 'zod/mini';
import { rangeFields } from './history-search.ts';
import { metricField } from './metric-shapes.ts';

/** Rankings count whole hours. */
export const RANKING_RANGES = ['1h', '6h', '24h', '7d', '30d', '1y'] as const;
export const DEFAULT_RANKING_RANGE = '24h';

/** Parameters of the ranking in the URL. Invalid values and defaults are omitted. */
export const rankingSearchSchema = z.object({
  metric: metricField,
  by: z.catch(z.optional(z.enum(['max'])), undefined),
  range: rangeFields.range,
  /** A selector such as `role=db`. */
  q: z.catch(z.optional(z.string()), undefined),
});
