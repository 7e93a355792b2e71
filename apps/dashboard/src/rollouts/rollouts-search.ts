import * as z from 'zod/mini';

const text = z.catch(z.optional(z.string()), undefined);

/** Parameters of the page of a rollout in the URL. Invalid values are omitted. */
export const rolloutSearchSchema = z.object({
  /** Only hosts with this status stand out. */
  status: z.catch(
    z.optional(
      z.enum(['waiting', 'queued', 'running', 'checking', 'completed', 'failed', 'cancelled', 'skipped']),
    ),
    undefined,
  ),
});
export type RolloutSearch = z.infer<typeof rolloutSearchSchema>;

/** Values to begin the form for a new rollout with, in the URL. */
export const newRolloutSearchSchema = z.object({ action: text, selector: text });
