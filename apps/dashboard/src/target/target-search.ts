import * as z from 'zod/mini';

export const targetSearchSchema = z.object({ q: z.catch(z.optional(z.string()), undefined) });
