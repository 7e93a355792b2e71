import { createHash } from 'node:crypto';
import type { AlertSubject } from '@booner/protocol';

/**
 * Returns the id of an episode: 21 characters of the URL alphabet. It depends on its arguments
 * alone, so that a second evaluation of the same readings yields the same episode.
 */
export const episodeId = (rule: string, { host, device }: AlertSubject, startedAtMs: number): string =>
  digest([rule, host, device, startedAtMs]);

/**
 * Returns 126 bits of the SHA-256 of parts, in base64url. It never begins with a dash, which a
 * command line would take for an option.
 */
export const digest = (parts: readonly (string | number | null)[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 21).replace(/^-/, '_');
