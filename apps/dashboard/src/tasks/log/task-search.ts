import * as z from 'zod/mini';

/** What of a task's page lives in the URL. */
export const taskSearchSchema = z.object({
  /** What the log is searched for. */
  q: z.catch(z.optional(z.string()), undefined),
  /** `1`: long lines of the log are wrapped. */
  wrap: z.catch(z.optional(z.literal('1')), undefined),
});
export type TaskSearch = z.infer<typeof taskSearchSchema>;
