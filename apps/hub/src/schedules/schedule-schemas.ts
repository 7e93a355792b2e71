import {
  actionNameSchema,
  jsonObjectSchema,
  PARAMS_BOUNDS,
  rolloutRequestSchema,
  scheduleListSchema,
  scheduleNameSchema,
  scheduleSchema,
  shownScheduleSchema,
} from '@booner/protocol';
import { z } from '@hono/zod-openapi';
import { hostSchema } from '../fleet/host-path.ts';
import { orNull } from '../http/openapi.ts';
import { SELECTOR_FORMAT, SHOWN_OBJECT, SHOWN_TASK_ID } from '../http/shown-values.ts';
import { findCronIssue } from './schedule-times.ts';

const params = jsonObjectSchema(PARAMS_BOUNDS).openapi(SHOWN_OBJECT).default({});
const shown = {
  params,
  selector: rolloutRequestSchema.shape.selector.meta({
    ...{ type: 'string', format: SELECTOR_FORMAT, example: 'role=db' },
    description: 'Targets, by labels of operators and host alone. An empty one selects nothing.',
  }),
  host: hostSchema,
  between: rolloutRequestSchema.shape.between
    .unwrap()
    .extend({ check: z.strictObject({ action: actionNameSchema, params }).optional() }),
};

/** Body of `PUT /schedules/:name`. */
export const scheduleBody = scheduleSchema
  .safeExtend({
    params,
    selector: shown.selector.optional(),
    host: shown.host.optional(),
    between: shown.between.default({ waitSeconds: 0, healthy: true }),
  })
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
  name: z
    .string()
    .openapi({ example: 'nightly-backup', pattern: '^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$' }),
});

/** Parses the name of a path; `null`: no schedule can have it. */
export const parseScheduleName = (text: string | undefined): string | null =>
  scheduleNameSchema.safeParse(text).data ?? null;
