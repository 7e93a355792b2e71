import { createHash } from 'node:crypto';
import { parseRolloutId, type RolloutId } from '@booner/protocol';

/** Returns the id of the rollout of a firing. It follows from the time, so each firing has one. */
export function firingId(name: string, dueAtMs: number): RolloutId {
  const hash = createHash('sha256')
    .update(JSON.stringify(['schedule', name, dueAtMs]))
    .digest('base64url');
  return parseRolloutId(hash.slice(0, 21).replace(/^-/, '_')) as RolloutId;
}
