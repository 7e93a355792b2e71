import { hideSecrets } from '@booner/protocol';
import type { Context } from 'hono';

/** The path of a request for a log: keys of heartbeats are part of a path. */
export const loggedPath = (c: Context): string => hideSecrets(c.req.path);
