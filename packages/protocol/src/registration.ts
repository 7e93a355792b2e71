import { z } from 'zod';

/** A value of the hash `booner:targets`: that a host belongs to the fleet. Times are Unix milliseconds by the hub's clock. */
export const registrationSchema = z.object({
  label: z.string().max(500).nullable().default(null),
  firstSeenAtMs: z.int().nonnegative().nullable().default(null),
  lastSeenAtMs: z.int().nonnegative().nullable().default(null),
  /** The last verdict of a hub, so that a hub that starts does not show a host as active that was long gone. */
  status: z.enum(['active', 'offline', 'pending']).default('pending'),
});

export type Registration = z.infer<typeof registrationSchema>;
