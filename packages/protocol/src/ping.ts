import { z } from 'zod';

/** Client to hub on both streams of version 2: is there still somebody? Browsers show neither pings nor pongs of the WebSocket itself. */
export const pingSchema = z.strictObject({ type: z.literal('ping') });

/** The answer to {@link pingSchema}. */
export const pongSchema = z.object({ type: z.literal('pong') });
