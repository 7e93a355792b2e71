import * as z from 'zod/mini';

export const runSearchSchema = z.object({ q: z.catch(z.optional(z.string()), undefined) });
