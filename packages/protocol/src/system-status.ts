import { z } from 'zod';

/** `pending`: registered, but no sample received yet. */
export const targetStatusSchema = z.enum(['active', 'offline', 'pending']);
export type TargetStatus = z.infer<typeof targetStatusSchema>;

/**
 * Version 1 of the status stream, and `GET /system/status`: texts for people, whole percentages, GB
 * of 2^30 bytes.
 */
export const systemStatusSchema = z.object({
  main_server: z.object({
    cpu: z.string(),
    gpu: z.string(),
    ram: z.string(),
    disk: z.string(),
    status: z.string(),
  }),
  deployment_targets: z.array(
    z.object({
      host: z.string(),
      status: targetStatusSchema,
      /**
       * CPU use from 0 to 1, two decimals. An offline target keeps its last value. `null` if none
       * is known.
       */
      load: z.number().min(0).max(1).nullable(),
      specs: z.string(),
    }),
  ),
});

export type SystemStatus = z.infer<typeof systemStatusSchema>;
