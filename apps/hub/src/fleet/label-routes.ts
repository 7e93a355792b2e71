import type { FleetBus } from '@booner/bus';
import {
  type HostId,
  type LabelChanges,
  labelChangesSchema,
  labelsSchema,
  MAX_LABELS,
} from '@booner/protocol';
import { z } from '@hono/zod-openapi';
import { findHostIssue, principalOf } from '../access/principal.ts';
import { noteForAudit } from '../access/require-credential.ts';
import { outOfScope } from '../access/scope-answer.ts';
import { jsonAnswer } from '../http/openapi.ts';
import { problem } from '../http/problem.ts';
import { type Routes, route, serve } from '../http/route.ts';
import { SHOWN_LABEL_CHANGES } from '../http/shown-values.ts';
import type { Fleet } from './fleet.ts';
import { HOST_ERRORS, hostSchema as host, hostFromPath, hostParams, noSuchTarget } from './host-path.ts';

export type LabelRoutesDeps = {
  readonly fleet: Pick<Fleet, 'requireLoaded' | 'onRegistration'>;
  readonly bus: Pick<FleetBus, 'changeLabels'>;
};

/** Longest text of changes in the audit log. */
const MAX_NOTED_CHARACTERS = 500;

const changedTarget = z
  .object({
    host,
    labels: labelsSchema.meta({ description: 'Labels of the agent and of operators' }),
    operatorLabels: labelsSchema.meta({ description: 'Those that operators set' }),
  })
  .openapi('TargetLabels');

const changeRoute = route({
  method: 'patch',
  path: '/targets/{host}',
  access: { role: 'admin', verb: 'target.label' },
  summary: "Change a target's labels",
  description:
    'A JSON merge patch: keys that are not named keep their value, and `null` removes a key. Labels set here win ' +
    'over those of the agent. Only they decide which hosts a selector covers for access.',
  tag: 'targets',
  request: {
    params: hostParams,
    body: z
      .strictObject({ labels: labelChangesSchema.meta(SHOWN_LABEL_CHANGES) })
      .openapi('TargetChange', { example: { labels: { role: 'db', env: null } } }),
  },
  responses: { 200: jsonAnswer('The labels of the target', changedTarget) },
  errors: { ...HOST_ERRORS, 409: `It would have more than ${MAX_LABELS} labels set by operators` },
});

/** Changes of operators' labels. */
export const labelRoutes = ({ fleet, bus }: LabelRoutesDeps): Routes => [
  serve(changeRoute, async (c, { body: { labels: changes } }) => {
    const id = hostFromPath(c);
    if (id instanceof Response) return id;
    noteForAudit(c, { target: id, detail: changesText(changes) });
    const issue = findHostIssue(principalOf(c), id); // labels decide who may act on the host
    if (issue !== null) return outOfScope(c, issue);
    const known = fleet.requireLoaded().get(id);
    const outcome = await bus.changeLabels(id, changes, known?.registration ?? null);
    switch (outcome.type) {
      case 'changed':
        fleet.onRegistration(id, outcome.registration);
        return c.json(shownLabels(fleet.requireLoaded(), id), 200);
      case 'unregistered':
        return noSuchTarget(c, id);
      case 'too_many': {
        const detail = `a target can have at most ${MAX_LABELS} labels set by operators: remove some with null`;
        return problem(c, 409, 'Too many labels', `/labels: ${detail}.`, [{ pointer: '/labels', detail }]);
      }
      default:
        return outcome satisfies never;
    }
  }),
];

function shownLabels(fleet: Fleet, host: HostId) {
  const { labels = {}, operatorLabels = {} } = fleet.get(host)?.subject ?? {};
  return { host, labels, operatorLabels };
}

/** Changes as `booner target label` takes them: `role=db env-`. */
const changesText = (changes: LabelChanges): string =>
  Object.entries(changes)
    .map(([key, value]) => (value === null ? `${key}-` : `${key}=${value}`))
    .join(' ')
    .slice(0, MAX_NOTED_CHARACTERS);
