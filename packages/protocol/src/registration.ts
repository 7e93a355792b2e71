import { z } from 'zod';
import { labelsSchema } from './labels-schema.ts';
import { visibleText } from './visible-text.ts';

/** Hubs ignore this host, since its agent's login floods Redis. */
export const quarantineSchema = z.object({
  /** Unix milliseconds by the hub's clock. */
  sinceMs: z.int().nonnegative(),
  /** The reason: what the host did, as a sentence without a full stop. */
  reason: z.string().max(300),
  /**
   * Line for redis-cli that ends its connections, if hubs are not allowed to do that themselves,
   * else `null`. Not a list: scripts in Redis would turn an empty one into an object.
   */
  redisLine: z.string().max(1000).nullable(),
});
export type Quarantine = z.infer<typeof quarantineSchema>;

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
  /** Absent unless the host is quarantined. */
  quarantine: quarantineSchema.optional(),
});

export type Registration = z.infer<typeof registrationSchema>;
