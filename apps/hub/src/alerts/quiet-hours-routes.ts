import { alertNameSchema, namedHosts, quietHoursListSchema, quietHoursSchema } from '@booner/protocol';
import type { Routes } from '../http/route.ts';
import { findCronIssue } from './quiet-times/cron-spans.ts';
import { type SettingRoutesDeps, serveSettings } from './settings/serve-settings.ts';
import { namedIn, unlessKnown } from './settings/unknown-names.ts';

const listedBody = quietHoursListSchema.shape.quietHours.element
  .extend({ name: alertNameSchema })
  .openapi('QuietHours');
const listBody = quietHoursListSchema.extend({ quietHours: listedBody.array() }).openapi('QuietHoursList');
const quietHoursBody = quietHoursSchema
  .superRefine(({ times }, context) => {
    for (const [index, time] of times.entries()) {
      const message = time.type === 'cron' ? findCronIssue(time.cron) : null;
      if (message !== null) context.addIssue({ code: 'custom', path: ['times', index, 'cron'], message });
    }
  })
  .openapi('NewQuietHours', {
    example: {
      selector: 'env=staging',
      timeZone: 'Europe/Berlin',
      times: [{ type: 'weekly', days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '20:00', to: '07:00' }],
    },
  });

/** Times at which alerts of some targets are muted. */
export function quietHoursRoutes(deps: SettingRoutesDeps): Routes {
  const { settings, nowMs } = deps;
  const all = () =>
    settings
      .quietHours(nowMs())
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map((hours) => ({ name: hours.name, reach: namedHosts(hours.selector), hours }));
  const quietHours = serveSettings(deps, { kind: 'quietHours', role: 'admin', all });
  return [
    quietHours.list(listBody, (listed) => ({ quietHours: listed.map(({ hours }) => hours) })),

    quietHours.put({
      description:
        'Mutes alerts of some targets at times that come back, or in one maintenance window. What still fires at ' +
        'the end is notified.',
      body: quietHoursBody,
      saved: listedBody,
      reachOf: ({ selector }) => namedHosts(selector),
      reachPointer: '/selector',
      async prepare(c, { name, body }) {
        const unknown = await unlessKnown(c, { settings, kind: 'rules' }, namedIn('/rules', body.rules));
        if (unknown !== null) return unknown;
        return { value: { ...body }, answer: () => all().find((each) => each.name === name)!.hours };
      },
    }),

    quietHours.remove(),
  ];
}
