import { z } from 'zod';
import { alertNameSchema } from './alert-rule.ts';
import { alertSeveritySchema } from './alert-state.ts';
import { hostIdSchema } from './host-id-schema.ts';
import { MAX_ALERT_CHANNELS } from './limits.ts';

const timeMs = z.int().nonnegative();

/** Subject of an alert. */
export const alertSubjectSchema = z.object({
  /** `null`: no host: the alert is about a rollout or a schedule. */
  host: hostIdSchema.nullable(),
  /** Mount point, interface, action, rollout …; `null`: the host itself. */
  device: z.string().max(300).nullable(),
});
export type AlertSubject = z.infer<typeof alertSubjectSchema>;

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
const alertEffectTypeSchema = z.enum([
  'open',
  'worsen',
  'escalate',
  'reminder',
  'summary',
  'flapping',
  'resolve',
]);
export type AlertEffectType = z.infer<typeof alertEffectTypeSchema>;

/** An effect as data, for the groups. Times are Unix milliseconds by the hub's clock. */
export const alertEffectSchema = alertSubjectSchema.extend({
  type: alertEffectTypeSchema,
  rule: alertNameSchema,
  episode: z.string().min(1).max(64),
  severity: alertSeveritySchema,
  atMs: timeMs,
  /** Start of the episode. */
  sinceMs: timeMs,
  /** Reading at that time; `null`: no data, or never for `full_in`. */
  reading: z.number().nullable(),
  channels: z.array(alertNameSchema).max(MAX_ALERT_CHANNELS).readonly(),
});
export type AlertEffect = z.infer<typeof alertEffectSchema>;
