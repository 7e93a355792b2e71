import { z } from 'zod';

/** State of the bus that a hub shares with agents, runners and other hubs. */
export const busStateSchema = z.enum(['connecting', 'connected', 'disconnected']);
export type BusState = z.infer<typeof busStateSchema>;

/**
 * Sent while the hub has nothing to show yet that would be true: it has not read the bus since its start, or knows less
 * than the client that resumes. The first picture follows as soon as there is one. `reason` is a sentence for people.
 */
export const waitingSchema = z.object({ type: z.literal('waiting'), reason: z.string() });
