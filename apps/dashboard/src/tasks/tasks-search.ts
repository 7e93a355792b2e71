import * as z from 'zod/mini';

export const tasksSearchSchema = z.object({ q: z.catch(z.optional(z.string()), undefined) });
