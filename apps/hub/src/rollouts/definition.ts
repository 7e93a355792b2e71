import { createHash } from 'node:crypto';
import type { OfferedAction } from '@booner/protocol';

/**
 * Returns a hash of an action as a host offers it: its name, parameters and limits. What it runs is
 * known to the host alone.
 */
export const definitionOf = ({ description: _, ...action }: OfferedAction): string =>
  createHash('sha256').update(JSON.stringify(action)).digest('base64url').slice(0, 16);
