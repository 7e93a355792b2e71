import * as z from 'zod/mini';
import { rangeFields } from './history-search.ts';
import { metricField } from './metric-shapes.ts';

/** Targets in one comparison, as many as the hub answers for. */
export const MAX_COMPARED = 12;
export const DEFAULT_COMPARE_RANGE = '24h';

/** Parameters of a comparison in the URL. Invalid values and defaults are omitted. */
export const compareSearchSchema = z.object({
  /** Separated by commas. */
  hosts: z.catch(z.optional(z.string()), undefined),
  metric: metricField,
  ...rangeFields,
});

/** Returns the hosts, each once, and as many as can be compared. */
export const readHosts = (hosts: string | undefined): readonly string[] =>
  [...new Set(hosts?.split(',').filter((host) => host !== ''))].slice(0, MAX_COMPARED);
