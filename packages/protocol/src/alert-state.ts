import { z } from 'zod';
import { MAX_SUBJECT_CHARACTERS } from './limits.ts';

export const alertSeveritySchema = z.enum(['warn', 'crit']);
export type AlertSeverity = z.infer<typeof alertSeveritySchema>;

/**
 * Why nothing is said about an alert. `host_offline`: the host's own alert speaks.
 * `parent_offline`: what it depends on is offline. `silence`, `quiet_hours`: people asked for it.
 * `hub_blind`: hubs receive nothing.
 */
export const muteReasonSchema = z.enum([
  'host_offline',
  'parent_offline',
  'silence',
  'quiet_hours',
  'hub_blind',
]);
export type MuteReason = z.infer<typeof muteReasonSchema>;

const timeMs = z.int().nonnegative();

/**
 * A condition that counts only after it has held for a while, in both directions: `for` until it is
 * raised, `keepFor` until it is not.
 */
const debouncedSchema = z.object({
  /** True if the last reading met it. */
  isMet: z.boolean(),
  /** Since when all readings agree on that; `null`: data is missing. */
  sinceMs: timeMs.nullable(),
  isRaised: z.boolean(),
});

/** One stretch from firing to resolved. */
const episodeSchema = z.object({
  id: z.string().min(1).max(64),
  startedAtMs: timeMs,
  severity: alertSeveritySchema,
  /** Worst severity that people were notified of; `null`: they were not notified yet. */
  notified: alertSeveritySchema.nullable(),
  /** Time of the first and of the last notification. */
  firstNotifiedAtMs: timeMs.nullable(),
  lastNotifiedAtMs: timeMs.nullable(),
  /** Steps of the escalation chain that were taken. */
  escalations: z.int().nonnegative(),
  acknowledged: z.object({ atMs: timeMs, by: z.string().min(1).max(MAX_SUBJECT_CHARACTERS) }).nullable(),
  /** A summary is due when no mute is left. */
  isSummaryDue: z.boolean(),
});
export type Episode = z.infer<typeof episodeSchema>;

/**
 * What is remembered of one rule on one subject: a host, or a device of it. A subject that is well
 * has nothing to remember. Times are Unix milliseconds by the hub's clock.
 */
export const alertMemorySchema = z.object({
  /** What the last known reading says, with hysteresis. */
  level: z.enum(['ok', 'warn', 'crit']),
  warn: debouncedSchema.nullable(),
  crit: debouncedSchema.nullable(),
  /** `null`: the last reading was known. */
  unknownSinceMs: timeMs.nullable(),
  episode: episodeSchema.nullable(),
  /** Recent notifications of a change, oldest first. Many in a short time are flapping. */
  changesMs: z.array(timeMs).max(16),
  /** How long the next flapping stays quiet until it is steady. */
  steadyAfterMs: z.int().positive(),
  /** `null`: it does not flap. */
  flapping: z.object({ changedAtMs: timeMs, severity: alertSeveritySchema.nullable() }).nullable(),
  /** Mutes in force at the last input, while there is an episode. */
  mutes: z.array(muteReasonSchema),
});
export type AlertMemory = z.infer<typeof alertMemorySchema>;
