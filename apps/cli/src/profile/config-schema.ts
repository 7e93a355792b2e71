import { z } from 'zod';

const profileSchema = z.object({
  hub: z.url({ protocol: /^https?$/ }),
  token: z.string().min(1).optional(),
  caFile: z.string().min(1).optional(),
});

/** Schema of the file with the profiles. */
export const configFileSchema = z.object({
  current: z.string(),
  profiles: z.record(z.string(), profileSchema),
});
