import {
  namedHosts,
  newId,
  newSilenceSchema,
  type Silence,
  silenceListSchema,
  silenceSchema,
} from '@booner/protocol';
import { MAX_ALERT_SETTINGS } from '@booner/protocol/limits';
import { creatorName, principalOf } from '../access/principal.ts';
import { noteForAudit } from '../access/require-credential.ts';
import { invalidRequest } from '../http/json-body.ts';
import { jsonAnswer } from '../http/openapi.ts';
import { type Routes, route, serve } from '../http/route.ts';
import { type SettingRoutesDeps, serveSettings } from './settings/serve-settings.ts';
import { unlessKnown } from './settings/unknown-names.ts';

const silenceBody = silenceSchema.extend({}).openapi('Silence');
const listBody = silenceListSchema.extend({ silences: silenceBody.array() }).openapi('Silences');
const newSilenceBody = newSilenceSchema.extend({}).openapi('NewSilence', {
  example: { selector: 'role=db', until: '2026-12-01T22:00:00Z', reason: 'Disks are being replaced' },
});

const createRoute = route({
  method: 'post',
  path: '/silences',
  access: { role: 'operator', verb: 'silence.set' },
  summary: 'Create a silence',
  description:
    'Mutes alerts of some targets until a time. What still fires then is notified. A token with scopes must name ' +
    'hosts within them.',
  tag: 'alerts',
  request: { body: newSilenceBody },
  responses: { 201: jsonAnswer('The silence', silenceBody) },
  errors: { 409: `There are ${MAX_ALERT_SETTINGS} silences already` },
});

/** Mutes by selector until a time. */
export function silenceRoutes(deps: SettingRoutesDeps): Routes {
  const { bus, settings, nowMs } = deps;
  const silences = serveSettings(deps, {
    kind: 'silences',
    role: 'operator',
    all: () =>
      settings
        .silences(nowMs())
        .toSorted((a, b) => a.untilMs - b.untilMs)
        .map((silence) => ({ name: silence.id, reach: namedHosts(silence.selector), silence })),
  });
  return [
    silences.list(listBody, (all) => ({ silences: all.map(({ silence }) => silence) })),

    serve(createRoute, async (c, { body: { selector, rule = null, until, reason } }) => {
      const createdAtMs = nowMs();
      const id = newId();
      noteForAudit(c, { target: id, detail: JSON.stringify({ selector, rule, until, reason }) });
      const untilMs = Date.parse(until);
      if (untilMs <= createdAtMs) {
        const detail = `must be in the future: the hub's clock says ${new Date(createdAtMs).toISOString()}`;
        return invalidRequest(c, 400, 'Invalid request body', [{ pointer: '/until', detail }]);
      }
      settings.requireLoaded();
      const named = rule === null ? [] : [['/rule', rule] as const];
      const refused =
        silences.within(c, { reach: namedHosts(selector) }, '/selector') ??
        (await unlessKnown(c, { settings, kind: 'rules' }, named));
      if (refused !== null) return refused;
      const createdBy = creatorName(principalOf(c));
      const silence: Silence = { id, selector, rule, untilMs, reason, createdBy, createdAtMs };
      // Those that have ended do not count.
      for (const ended of settings.endedSilences(createdAtMs)) await bus.removeSetting('silences', ended);
      return (await silences.store(c, id, { ...silence })) ?? c.json(silence, 201);
    }),

    silences.remove({ description: 'Ends it now. What fires is notified.' }),
  ];
}
