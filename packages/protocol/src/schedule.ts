import { z } from 'zod';
import { credentialIdSchema, subjectSchema } from './access.ts';
import { alertNameSchema } from './alert-rule.ts';
import { durationSchema } from './duration-schema.ts';
import { MAX_ROLLOUT_WAIT_SECONDS, MAX_SCHEDULE_JITTER_SECONDS } from './limits.ts';
import { timeZoneSchema } from './quiet-hours.ts';
import { rolloutStatusSchema } from './rollout.ts';
import { rolloutIdSchema } from './rollout-id.ts';
import { MAX_ERROR_CHARACTERS } from './task.ts';
import { checkTargets, triggerFields } from './trigger.ts';

const timeMs = z.int().nonnegative();

/** Name of a schedule, such as `nightly-backup`. */
export const scheduleNameSchema = alertNameSchema;

const fields = {
  /** False: it does not fire. */
  enabled: z.boolean().default(true),
  /** When it fires: one of `cron`, `every` and `at`. A cron expression may begin with seconds. */
  cron: z.string().min(1).max(200).optional(),
  every: durationSchema({ min: '1m', max: '30d' }).optional(),
  at: z.iso
    .datetime({ offset: true, error: 'must be a time with its offset, such as "2026-12-01T22:00:00Z"' })
    .optional(),
  /** Time zone of `cron`. */
  timeZone: timeZoneSchema.default('UTC'),
  ...triggerFields,
  /** What becomes of a firing while the rollout of an earlier one has not ended. */
  overlap: z.enum(['skip', 'queue']).default('skip'),
  /**
   * What becomes of firings that no hub could make in time: nothing, or the last one is made late.
   */
  catchUp: z.enum(['none', 'last']).default('none'),
  /** Each firing is late by up to this, by its time. */
  jitterSeconds: z.int().min(0).max(MAX_SCHEDULE_JITTER_SECONDS).default(0),
  /** Quiet hours in which it does not fire. */
  blackout: z.array(alertNameSchema).max(16).default([]),
  /** A rollout that takes longer is shown as such. */
  tooLongSeconds: z.int().min(1).max(MAX_ROLLOUT_WAIT_SECONDS).optional(),
};

/** A schedule: an action that starts by the clock. */
export const scheduleSchema = z.strictObject(fields).superRefine((schedule, context) => {
  const times = [schedule.cron, schedule.every, schedule.at].filter((value) => value !== undefined);
  if (times.length !== 1) {
    const message = 'must be the only one of cron, every and at, such as {"cron": "0 3 * * *"}';
    context.addIssue({ code: 'custom', path: ['cron'], message });
  }
  checkTargets(schedule, context);
});
export type Schedule = z.infer<typeof scheduleSchema>;

/** A schedule as a client sets it: what has a default may be absent. */
export type NewSchedule = Omit<z.input<typeof scheduleSchema>, 'host'> & {
  readonly host?: string | undefined;
};

/**
 * `started`: a rollout was created. `skipped`: the one before had not ended. `missed`: no hub could
 * fire it in time. `quiet`: of quiet hours. `refused`: no rollout could be created.
 */
const firingOutcomeSchema = z.enum(['started', 'skipped', 'missed', 'quiet', 'refused']);

/** One firing of a schedule. Times are Unix milliseconds by the bus' clock. */
const firingSchema = z.object({
  dueAtMs: timeMs,
  /** When a hub handled it. */
  atMs: timeMs,
  outcome: firingOutcomeSchema,
  detail: z.string().max(MAX_ERROR_CHARACTERS).nullable(),
  rolloutId: rolloutIdSchema.nullable(),
  /** Status of the rollout as it was last seen; `null`: there is none. */
  status: rolloutStatusSchema.nullable(),
  endedAtMs: timeMs.nullable(),
  tookTooLong: z.boolean(),
});
export type Firing = z.infer<typeof firingSchema>;

/** Firings of a schedule that are kept, the newest first. */
export const MAX_FIRINGS = 20;

/** A schedule with what hubs know of it. */
export const storedScheduleSchema = z.object({
  name: scheduleNameSchema,
  schedule: scheduleSchema,
  createdBy: subjectSchema.nullable(),
  /** Credential whose rights each firing has; `null` on a hub that does not require sign-in. */
  credentialId: credentialIdSchema.nullable(),
  changedAtMs: timeMs,
  /** When it fires next, without jitter; `null`: never, unless it is changed. */
  nextAtMs: timeMs.nullable(),
  /** Why it does not fire; `null`: it does. */
  paused: z.string().max(MAX_ERROR_CHARACTERS).nullable(),
  /** Time of a firing that waits for the end of the one before. */
  queuedAtMs: timeMs.nullable(),
  firings: z.array(firingSchema).max(MAX_FIRINGS),
});
export type StoredSchedule = z.infer<typeof storedScheduleSchema>;

/** A schedule in answers. */
export const shownScheduleSchema = storedScheduleSchema.extend({
  /** When it fires, in words, such as `At 03:00, every day (Europe/Berlin)`. */
  words: z.string(),
  /** The next firings, at most five. */
  nextAtMs: z.array(timeMs),
});
export type ShownSchedule = z.infer<typeof shownScheduleSchema>;

/** Answer of `GET /schedules`. */
export const scheduleListSchema = z.object({ schedules: z.array(shownScheduleSchema) });
export type ScheduleList = z.infer<typeof scheduleListSchema>;
