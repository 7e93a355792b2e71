import * as z from 'zod/mini';

/** The charts reach back this far unless the URL says otherwise. */
export const DEFAULT_RANGE = '15m';

export const RANGES = ['1m', '2m', '5m', '10m', '15m'] as const;

/** What of a target's page lives in the URL. What is not understood is left out. */
export const targetSearchSchema = z.object({
  /** How far back the charts reach. */
  range: z.catch(z.optional(z.enum(RANGES)), undefined),
});
