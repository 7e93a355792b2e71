import * as z from 'zod/mini';

/** Default range of the charts. */
export const DEFAULT_RANGE = '15m';

export const RANGES = ['1m', '2m', '5m', '10m', '15m'] as const;

const moment = z.catch(z.optional(z.coerce.number().check(z.refine(Number.isSafeInteger))), undefined);

/** Parameters of a target's page in the URL. Invalid values are omitted. */
export const targetSearchSchema = z.object({
  /** Range of the charts. */
  range: z.catch(z.optional(z.enum(RANGES)), undefined),
  /** A part of it to show, in Unix milliseconds. */
  from: moment,
  to: moment,
});
