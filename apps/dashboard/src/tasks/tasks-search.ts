import * as z from 'zod/mini';

const text = z.catch(z.optional(z.string()), undefined);

/** Parameters of the list of tasks in the URL. Invalid values are omitted. */
export const tasksSearchSchema = z.object({
  /** Words that a task must contain. */
  q: text,
  status: z.catch(z.optional(z.enum(['queued', 'running', 'completed', 'failed', 'cancelled'])), undefined),
  host: text,
  action: text,
  /** A selector of targets such as `role=db`. */
  selector: text,
});
export type TasksSearch = z.infer<typeof tasksSearchSchema>;
