import * as z from 'zod/mini';

const text = z.catch(z.optional(z.string()), undefined);

/** What of the list of tasks lives in the URL. What is not understood is left out. */
export const tasksSearchSchema = z.object({
  /** Words that a task has to contain. */
  q: text,
  status: z.catch(z.optional(z.enum(['queued', 'running', 'completed', 'failed', 'cancelled'])), undefined),
  host: text,
  action: text,
});
export type TasksSearch = z.infer<typeof tasksSearchSchema>;
