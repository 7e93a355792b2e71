import * as z from 'zod/mini';

/** What of the fleet view lives in the URL. What is not understood is left out. */
export const fleetSearchSchema = z.object({
  /** Words that host, label or specs have to contain. */
  q: z.catch(z.optional(z.string()), undefined),
});
export type FleetSearch = z.infer<typeof fleetSearchSchema>;
