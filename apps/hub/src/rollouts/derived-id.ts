import { createHash } from 'node:crypto';
import { parseRolloutId, type RolloutId } from '@booner/protocol';

/**
 * Returns the id that follows from what a rollout is for, so that it exists once. It never begins
 * with a dash, which a command line would take for an option.
 */
export function derivedRolloutId(...parts: readonly (string | number | null)[]): RolloutId {
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
  return parseRolloutId(hash.slice(0, 21).replace(/^-/, '_')) as RolloutId;
}
