import * as z from 'zod/mini';

/** What of the audit log lives in the URL. */
export const auditSearchSchema = z.object({
  /** Words that an entry has to contain. */
  q: z.catch(z.optional(z.string()), undefined),
});
