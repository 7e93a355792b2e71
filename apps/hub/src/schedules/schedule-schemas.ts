import {
  scheduleListSchema,
  scheduleNameSchema,
  scheduleSchema,
  shownScheduleSchema,
} from '@booner/protocol';
import { z } from '@hono/zod-openapi';
import { orNull } from '../http/openapi.ts';
import { SHOWN_TASK_ID } from '../http/shown-values.ts';
import { shownTriggerFields, TRIGGER_NAME_PATTERN } from '../triggers/trigger-schemas.ts';
import { findCronIssue } from './schedule-times.ts';

/** Body of `PUT /schedules/:name`. */
export const scheduleBody = scheduleSchema
  .safeExtend(shownTriggerFields)
  .superRefine(({ cron }, context) => {
    const message = cron === undefined ? null : findCronIssue(cron);
    if (message !== null) context.addIssue({ code: 'custom', path: ['cron'], message });
  })
  .openapi('NewSchedule', {
    example: { cron: '0 3 * * *', timeZone: 'Europe/Berlin', action: 'backup', selector: 'role=db' },
  });

const firing = shownScheduleSchema.shape.firings.element.extend({
  rolloutId: orNull(z.string().openapi(SHOWN_TASK_ID)),
});
export const shownScheduleBody = shownScheduleSchema
  .extend({ schedule: scheduleBody, firings: z.array(firing.openapi('Firing')) })
  .openapi('Schedule');
export const scheduleListBody = scheduleListSchema
  .extend({ schedules: z.array(shownScheduleBody) })
  .openapi('Schedules');

/** Parameters of paths with `{name}` of a schedule. */
export const scheduleNameParams = z.object({
  name: z.string().openapi({ example: 'nightly-backup', pattern: TRIGGER_NAME_PATTERN }),
});

/** Parses the name of a path; `null`: no schedule can have it. */
export const parseScheduleName = (text: string | undefined): string | null =>
  scheduleNameSchema.safeParse(text).data ?? null;
