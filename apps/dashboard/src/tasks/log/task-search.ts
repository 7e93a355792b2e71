import * as z from 'zod/mini';

/** Parameters of a task's page in the URL. */
export const taskSearchSchema = z.object({
  /** Search text of the log. */
  q: z.catch(z.optional(z.string()), undefined),
  /** `1`: long lines of the log wrap. */
  wrap: z.catch(z.optional(z.literal('1')), undefined),
});
export type TaskSearch = z.infer<typeof taskSearchSchema>;
