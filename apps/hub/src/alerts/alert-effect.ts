import { createHash } from 'node:crypto';
import type { AlertSeverity, HostId } from '@booner/protocol';

/** Subject of an alert. */
export type AlertSubject = {
  readonly host: HostId;
  /** Mount point, interface, action …; `null`: the host itself. */
  readonly device: string | null;
};

/**
 * Something that people must be notified of.
 * - `open`: an episode starts.
 * - `worsen`: it became critical.
 * - `escalate`: nobody acknowledged it in time, so `channels` of the next step are notified.
 * - `reminder`: it still fires.
 * - `summary`: it fires, after a time in which nothing was said.
 * - `flapping`: it changed often, and nothing is said until it is steady.
 * - `resolve`: it ended.
 */
export type AlertEffectType =
  | 'open'
  | 'worsen'
  | 'escalate'
  | 'reminder'
  | 'summary'
  | 'flapping'
  | 'resolve';

/** An effect as data, for the outbox. Times are Unix milliseconds by the hub's clock. */
export type AlertEffect = AlertSubject & {
  readonly type: AlertEffectType;
  readonly rule: string;
  readonly episode: string;
  readonly severity: AlertSeverity;
  readonly atMs: number;
  /** Start of the episode. */
  readonly sinceMs: number;
  /** Reading at that time; `null`: no data, or never for `full_in`. */
  readonly reading: number | null;
  readonly channels: readonly string[];
};

/**
 * Returns the id of an episode: 21 characters of the URL alphabet. It depends on its arguments
 * alone, so that a second evaluation of the same readings yields the same episode.
 */
export const episodeId = (rule: string, { host, device }: AlertSubject, startedAtMs: number): string =>
  digest([rule, host, device, startedAtMs]);

/** Returns 126 bits of the SHA-256 of parts, in base64url. */
export const digest = (parts: readonly (string | number | null)[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 21);
