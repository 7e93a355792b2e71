import { BusError, type ReadSchedule, type ScheduleBus } from '@booner/bus';
import {
  type HostId,
  namedHosts,
  type RolloutHead,
  type Schedule,
  type ShownSchedule,
  type StoredSchedule,
} from '@booner/protocol';
import { MAX_SCHEDULES } from '@booner/protocol/limits';
import type { Context } from 'hono';
import {
  creatorName,
  findScopeIssue,
  lastingCredentialId,
  type Principal,
  principalOf,
} from '../access/principal.ts';
import { noteForAudit } from '../access/require-credential.ts';
import { outOfScope } from '../access/scope-answer.ts';
import { mapInTurns } from '../feature/in-turns.ts';
import { invalidRequest } from '../http/json-body.ts';
import { jsonAnswer } from '../http/openapi.ts';
import { problem } from '../http/problem.ts';
import { type Routes, route, serve } from '../http/route.ts';
import { requestOf } from './drive-schedules.ts';
import {
  parseScheduleName,
  scheduleBody,
  scheduleListBody,
  scheduleNameParams,
  shownScheduleBody,
} from './schedule-schemas.ts';
import { describeTimes, nextTimes } from './schedule-times.ts';

export type ScheduleRoutesDeps = {
  readonly bus: Pick<ScheduleBus, 'readAll' | 'change'>;
  /** Returns the targets that a rollout of this person would have now. */
  readonly select: (request: RolloutHead['request'], principal: Principal) => readonly HostId[];
  /** Returns true if the actions of these hosts that are known now let schedules start them. */
  readonly findActionIssue: (hosts: readonly HostId[], action: string) => Promise<string | null>;
  readonly nowMs: () => number;
};

/** What to store; `null`: nothing any more. A `Response` answers the request instead. */
type Next = StoredSchedule | null | Response;

/** Stands for the hosts of a selector that names none. */
const ANY_HOST = '*';
/** Hubs that fire a schedule store states in between. */
const MAX_ATTEMPTS = 20;
/** Times that an answer shows. */
const SHOWN_TIMES = 5;

const listRoute = route({
  method: 'get',
  path: '/schedules',
  access: { role: 'viewer' },
  summary: 'List schedules',
  tag: 'schedules',
  responses: { 200: jsonAnswer('Schedules, by name', scheduleListBody) },
});

const showRoute = route({
  method: 'get',
  path: '/schedules/{name}',
  access: { role: 'viewer' },
  summary: 'Show a schedule',
  tag: 'schedules',
  request: { params: scheduleNameParams },
  responses: { 200: jsonAnswer('The schedule', shownScheduleBody) },
  errors: { 404: 'No such schedule' },
});

const setRoute = route({
  method: 'put',
  path: '/schedules/{name}',
  access: { role: 'operator', verb: 'schedule.set' },
  summary: 'Set a schedule',
  description:
    'Each firing starts a rollout with the rights that your credential then has. The action files of the targets ' +
    'must say `schedulable: true`.',
  tag: 'schedules',
  request: { params: scheduleNameParams, body: scheduleBody },
  responses: { 200: jsonAnswer('The schedule', shownScheduleBody) },
  errors: {
    409: 'There are too many schedules, or your session would end before the schedule does',
    422: 'No target lets schedules start the action',
  },
});

const removeRoute = route({
  method: 'delete',
  path: '/schedules/{name}',
  access: { role: 'operator', verb: 'schedule.remove' },
  summary: 'Remove a schedule',
  description: 'Rollouts that it has started go on.',
  tag: 'schedules',
  request: { params: scheduleNameParams },
  responses: { 204: { description: 'It was removed' } },
  errors: { 404: 'No such schedule' },
});

const pauseRoute = route({
  method: 'post',
  path: '/schedules/{name}/pause',
  access: { role: 'operator', verb: 'schedule.pause' },
  summary: 'Pause a schedule',
  tag: 'schedules',
  request: { params: scheduleNameParams },
  responses: { 200: jsonAnswer('The schedule', shownScheduleBody) },
  errors: { 404: 'No such schedule' },
});

const resumeRoute = route({
  method: 'post',
  path: '/schedules/{name}/resume',
  access: { role: 'operator', verb: 'schedule.resume' },
  summary: 'Resume a schedule',
  description: 'Times that have passed meanwhile do not fire.',
  tag: 'schedules',
  request: { params: scheduleNameParams },
  responses: { 200: jsonAnswer('The schedule', shownScheduleBody) },
  errors: { 404: 'No such schedule' },
});

/** Schedules over HTTP. */
export function scheduleRoutes({ bus, select, findActionIssue, nowMs }: ScheduleRoutesDeps): Routes {
  /**
   * Shows a schedule to those who may read one of its targets; `null`: to others it does not exist.
   */
  const show = async (stored: StoredSchedule, principal: Principal): Promise<ShownSchedule | null> => {
    const isHidden =
      principal.scopes.reads !== null && select(requestOf(stored.schedule), principal).length === 0;
    if (isHidden) return null;
    const isOn = stored.schedule.enabled && stored.paused === null;
    return {
      ...stored,
      words: await describeTimes(stored.schedule),
      nextAtMs: isOn ? [...nextTimes(stored, nowMs(), SHOWN_TIMES)] : [],
    };
  };

  /** Answers 403 if a schedule reaches beyond the scopes of who asks; `null`: it does not. */
  const refusedBy = (c: Context, schedule: Schedule, principal: Principal): Response | null => {
    const { action, selector } = requestOf(schedule);
    const named = namedHosts(selector);
    if (named === null && principal.scopes.hosts !== null) {
      const detail =
        'Your token is limited to some hosts, so the schedule has to name them, as in host=10.0.0.2';
      return outOfScope(c, { scope: 'hosts', detail }, '/selector');
    }
    // Without named hosts, only the action can be out of scope.
    for (const host of named ?? [ANY_HOST]) {
      const issue = findScopeIssue(principal, host as HostId, action);
      if (issue !== null) return outOfScope(c, issue, issue.scope === 'actions' ? '/action' : '/selector');
    }
    return null;
  };

  /**
   * Changes a schedule. A hub that fires it may store another state at the same time, on which the
   * change is then based.
   */
  const update = async (
    c: Context,
    name: string,
    next: (before: ReadSchedule | null) => Next | Promise<Next>,
  ): Promise<Response> => {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const before = (await bus.readAll()).get(name) ?? null;
      const after = await next(before);
      if (after instanceof Response) return after;
      const outcome = await bus.change(null, name, before?.text ?? null, after);
      if (outcome === 'full') {
        const detail = `There are ${MAX_SCHEDULES} schedules. Remove some first.`;
        return problem(c, 409, 'Too many schedules', detail);
      }
      if (outcome !== 'changed') continue;
      return after === null ? c.body(null, 204) : c.json(await show(after, principalOf(c)), 200);
    }
    throw new BusError('refused', 'the schedule changes all the time: try again');
  };

  /** Changes a schedule that exists, for those who may. */
  const change = async (
    c: Context,
    next: (stored: StoredSchedule) => StoredSchedule | null,
  ): Promise<Response> => {
    const name = parseScheduleName(c.req.param('name'));
    noteForAudit(c, { target: c.req.param('name') ?? '' });
    if (name === null) return noSuchSchedule(c);
    const principal = principalOf(c);
    return update(c, name, async (read) => {
      if (read === null || (await show(read.schedule, principal)) === null) return noSuchSchedule(c);
      return refusedBy(c, read.schedule.schedule, principal) ?? next(read.schedule);
    });
  };

  return [
    serve(listRoute, async (c) => {
      const all = [...(await bus.readAll()).values()].map(({ schedule }) => schedule);
      const shown = await mapInTurns(all, (schedule) => show(schedule, principalOf(c)));
      const schedules = shown.filter((schedule) => schedule !== null);
      return c.json({ schedules: schedules.toSorted((a, b) => (a.name < b.name ? -1 : 1)) }, 200);
    }),

    serve(showRoute, async (c) => {
      const name = parseScheduleName(c.req.param('name'));
      const read = name === null ? undefined : (await bus.readAll()).get(name);
      const shown = read === undefined ? null : await show(read.schedule, principalOf(c));
      return shown === null ? noSuchSchedule(c) : c.json(shown, 200);
    }),

    serve(setRoute, async (c, { body: schedule }) => {
      const name = parseScheduleName(c.req.param('name'));
      const { action, selector, host, cron, every, at } = schedule;
      noteForAudit(c, {
        target: c.req.param('name') ?? '',
        detail: JSON.stringify({ action, selector, host, cron, every, at }),
      });
      if (name === null) {
        const detail = 'must be 1 to 64 of a-z, 0-9, ".", "_" and "-"';
        return invalidRequest(c, 400, 'Invalid name', [{ pointer: '/name', detail }]);
      }
      const principal = principalOf(c);
      if (principal.credential?.kind === 'session' && principal.credential.parentId === null) {
        const detail =
          'Your session will end, and the schedule with it. Set it with a token: booner token create';
        return problem(c, 409, 'Needs a token', detail);
      }
      const refused = refusedBy(c, schedule, principal);
      if (refused !== null) return refused;
      const issue = await findActionIssue(select(requestOf(schedule), principal), action);
      if (issue !== null) {
        return invalidRequest(c, 422, 'Schedule not possible', [{ pointer: '/action', detail: issue }]);
      }
      return update(c, name, (before) => {
        const refusedBefore = before === null ? null : refusedBy(c, before.schedule.schedule, principal);
        if (refusedBefore !== null) return refusedBefore;
        const atMs = nowMs();
        const firings = [...(before?.schedule.firings ?? [])];
        return {
          ...{ name, schedule, changedAtMs: atMs, paused: null, queuedAtMs: null, firings },
          ...{ createdBy: principal.subject, credentialId: lastingCredentialId(principal) },
          nextAtMs: nextTimes({ schedule, changedAtMs: atMs }, atMs, 1)[0] ?? null,
        };
      });
    }),

    serve(removeRoute, (c) => change(c, () => null)),

    serve(pauseRoute, (c) => {
      const paused = `paused by ${creatorName(principalOf(c))}`;
      return change(c, (stored) => ({ ...stored, paused, nextAtMs: null, queuedAtMs: null }));
    }),

    serve(resumeRoute, (c) =>
      change(c, (stored) => ({
        ...stored,
        paused: null,
        nextAtMs: nextTimes(stored, nowMs(), 1)[0] ?? null,
      })),
    ),
  ];
}

const noSuchSchedule = (c: Context): Response =>
  problem(c, 404, 'No such schedule', 'No schedule has this name. GET /schedules lists all schedules.');
