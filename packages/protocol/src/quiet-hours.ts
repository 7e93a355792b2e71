import { z } from 'zod';
import { alertNameSchema } from './alert-rule.ts';
import { durationSchema } from './duration-schema.ts';
import { MAX_QUIET_TIMES } from './limits.ts';
import { viewSelectorTextSchema } from './selector-schema.ts';

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const timeOfDaySchema = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day, such as "22:00" or "07:30"');

/** A name of the IANA time zone database. Offsets such as `+01:00` know no daylight saving time. */
export const timeZoneSchema = z
  .string()
  .refine(isTimeZone, 'must be a time zone of the IANA database, such as Europe/Berlin or UTC');

function isTimeZone(text: string): boolean {
  if (!/^[A-Za-z]/.test(text)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}

const instantSchema = z.iso.datetime({
  offset: true,
  error: 'must be a time with its offset, such as "2026-12-01T22:00:00Z"',
});

/** A time that comes back each week. With `to` at or before `from`, it ends on the next day. */
const weeklyTimeSchema = z.strictObject({
  type: z.literal('weekly'),
  /** Days on which it starts. */
  days: z.array(z.enum(WEEKDAYS)).min(1).max(7),
  from: timeOfDaySchema,
  to: timeOfDaySchema,
});

/** A time that comes back by a cron expression, such as `0 2 * * TUE#2` for patch days. */
const cronTimeSchema = z.strictObject({
  type: z.literal('cron'),
  cron: z.string().min(9).max(100),
  for: durationSchema({ min: '1m', max: '7d' }),
});

/** One maintenance window. */
const onceTimeSchema = z
  .strictObject({ type: z.literal('once'), from: instantSchema, until: instantSchema })
  .refine(({ from, until }) => Date.parse(from) < Date.parse(until), {
    path: ['until'],
    error: 'must be after from',
  });

/** Times at which alerts of some targets are muted: quiet nights, maintenance windows. */
export const quietHoursSchema = z.strictObject({
  /** Targets that are muted. An empty one selects nothing. */
  selector: viewSelectorTextSchema,
  /** Rules that are muted. Absent: all. */
  rules: z.array(alertNameSchema).min(1).max(100).optional(),
  timeZone: timeZoneSchema,
  times: z
    .array(z.discriminatedUnion('type', [weeklyTimeSchema, cronTimeSchema, onceTimeSchema]))
    .min(1)
    .max(MAX_QUIET_TIMES),
});
export type QuietHours = z.infer<typeof quietHoursSchema>;
export type QuietTime = QuietHours['times'][number];
