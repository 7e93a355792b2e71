import * as z from 'zod/mini';

const text = z.catch(z.optional(z.string()), undefined);

/** Parameters of the run view in the URL. */
export const runSearchSchema = z.object({
  host: text,
  action: text,
  /** Id of a task to fill the form from. */
  again: text,
});
export type RunSearch = z.infer<typeof runSearchSchema>;
