import { z } from 'zod';
import { alertSubjectSchema } from './alert-effect.ts';
import { alertNameSchema } from './alert-rule.ts';
import { alertMemorySchema, alertSeveritySchema, muteReasonSchema } from './alert-state.ts';
import { cursorSchema } from './cursor-schema.ts';
import { MAX_SUBJECT_CHARACTERS } from './limits.ts';

const timeMs = z.int().nonnegative();

/** What hubs share of one rule on one subject. Times are Unix milliseconds by the hub's clock. */
export const storedAlertSchema = alertSubjectSchema.extend({
  rule: alertNameSchema,
  memory: alertMemorySchema,
  /** Reading at the last change; `null`: no data, or never for `full_in`. */
  reading: z.number().nullable(),
  changedAtMs: timeMs,
});
export type StoredAlert = z.infer<typeof storedAlertSchema>;

/** An episode that has ended. */
export const endedEpisodeSchema = alertSubjectSchema.extend({
  id: z.string().min(1).max(64),
  rule: alertNameSchema,
  /** The last one before its end. */
  severity: alertSeveritySchema,
  startedAtMs: timeMs,
  endedAtMs: timeMs,
  acknowledged: z.object({ atMs: timeMs, by: z.string().max(MAX_SUBJECT_CHARACTERS) }).nullable(),
  /** When people were first notified; `null`: never. */
  notifiedAtMs: timeMs.nullable(),
});
export type EndedEpisode = z.infer<typeof endedEpisodeSchema>;

/**
 * Status of an episode as people see it. `recovering`: the condition no longer holds, for less than
 * `keepFor`. `unknown`: data is missing, so it stays open.
 */
const alertStatusSchema = z.enum(['firing', 'recovering', 'flapping', 'unknown', 'resolved']);

/** An episode as people see it. */
export const alertSchema = alertSubjectSchema.extend({
  /** Id of the episode. */
  id: z.string(),
  rule: alertNameSchema,
  status: alertStatusSchema,
  severity: alertSeveritySchema,
  startedAtMs: timeMs,
  /** `null`: it has not ended. */
  endedAtMs: timeMs.nullable(),
  /** What is wrong, such as `Disk usage of /srv` or `Host is offline`. */
  title: z.string(),
  /** The reading with its unit, such as `93 %`; for a state its words. `Unknown` without data. */
  valueText: z.string(),
  /** What the reading is compared with, such as `over 90 %`. `null`: the rule watches a state. */
  threshold: z.string().nullable(),
  acknowledged: z.object({ atMs: timeMs, by: z.string() }).nullable(),
  /** Why nothing is said about it. */
  mutes: z.array(muteReasonSchema),
  /** When people were first notified; `null`: never. */
  notifiedAtMs: timeMs.nullable(),
  runbook: z.string().nullable(),
});
export type Alert = z.infer<typeof alertSchema>;

/** Answer of `GET /alerts`. */
export const alertPageSchema = z.object({
  alerts: z.array(alertSchema),
  /** Of resolved ones: `before` of the next page; `null`: there are no more. */
  next: cursorSchema.nullable(),
  /** Position in the stream of alerts that this answer shows. */
  position: cursorSchema,
});
export type AlertPage = z.infer<typeof alertPageSchema>;
