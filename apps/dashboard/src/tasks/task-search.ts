import * as z from 'zod/mini';

export const taskSearchSchema = z.object({ q: z.catch(z.optional(z.string()), undefined) });
