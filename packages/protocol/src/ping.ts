import { z } from 'zod';

/**
 * Client to hub on both version 2 streams: checks that the hub responds. Browsers do not expose the
 * WebSocket's own pings and pongs.
 */
export const pingSchema = z.strictObject({ type: z.literal('ping') });

/** The answer to {@link pingSchema}. */
export const pongSchema = z.object({ type: z.literal('pong') });
