import { z } from 'zod';

/** State of the hub's connection to the bus. */
export const busStateSchema = z.enum(['connecting', 'connected', 'disconnected']);
export type BusState = z.infer<typeof busStateSchema>;

/**
 * Sent while the hub has nothing current to show: it has not read the bus since it started, or it
 * is behind the client that resumes. The first snapshot follows once it has caught up. `reason` is
 * a sentence for people.
 */
export const waitingSchema = z.object({ type: z.literal('waiting'), reason: z.string() });
