import { z } from 'zod';
import { labelsSchema } from './labels-schema.ts';
import { visibleText } from './visible-text.ts';

/**
 * Value of the hash `booner:targets`: a host's membership of the fleet. Times are Unix milliseconds
 * by the hub's clock.
 */
export const registrationSchema = z.object({
  label: z
    .string()
    .max(500)
    .overwrite((label) => visibleText(label))
    .nullable()
    .default(null),
  /** Labels that operators set. They decide access, so only hubs write them. */
  labels: labelsSchema.default({}),
  firstSeenAtMs: z.int().nonnegative().nullable().default(null),
  lastSeenAtMs: z.int().nonnegative().nullable().default(null),
  /** Last status set by a hub, so that a restarted hub does not show a long-gone host as active. */
  status: z.enum(['active', 'offline', 'pending']).default('pending'),
});

export type Registration = z.infer<typeof registrationSchema>;
