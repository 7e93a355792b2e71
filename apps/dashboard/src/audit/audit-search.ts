import * as z from 'zod/mini';

/** Parameters of the audit log in the URL. */
export const auditSearchSchema = z.object({
  /** Words that an entry must contain. */
  q: z.catch(z.optional(z.string()), undefined),
});
