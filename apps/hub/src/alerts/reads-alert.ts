import type { HostId } from '@booner/protocol';
import type { Readable } from '../ws/readable.ts';

/**
 * Returns true if a client may read alerts of a host. Those of no host, about rollouts and
 * schedules, are for clients that may read every host: what they are about can reach any.
 */
export const readsAlert = (readable: Readable, host: HostId | null): boolean =>
  host === null ? readable.key === null : readable.has(host);
