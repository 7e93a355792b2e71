import type { ReadRecord, ScheduleBus } from '@booner/bus';
import type { HostId, RolloutHead, Schedule, ShownSchedule, StoredSchedule } from '@booner/protocol';
import { MAX_SCHEDULES } from '@booner/protocol/limits';
import type { Context } from 'hono';
import { creatorName, lastingCredentialId, type Principal, principalOf } from '../access/principal.ts';
import { noteForAudit } from '../access/require-credential.ts';
import { mapInTurns } from '../feature/in-turns.ts';
import { invalidRequest } from '../http/json-body.ts';
import { jsonAnswer } from '../http/openapi.ts';
import { problem } from '../http/problem.ts';
import { type Routes, route, serve } from '../http/route.ts';
import { changeRecord } from '../triggers/change-record.ts';
import { requestOf } from '../triggers/request-of.ts';
import { unlessInScope, unlessLasting } from '../triggers/trigger-rights.ts';
import {
  parseScheduleName,
  scheduleBody,
  scheduleListBody,
  scheduleNameParams,
  shownScheduleBody,
} from './schedule-schemas.ts';
import { describeTimes, nextTimes } from './schedule-times.ts';

export type ScheduleRoutesDeps = {
  readonly bus: Pick<ScheduleBus, 'readAll' | 'readVersion' | 'change'>;
  /** Returns the targets that a rollout of this person would have now. */
  readonly select: (request: RolloutHead['request'], principal: Principal) => readonly HostId[];
  /** Returns true if the actions of these hosts that are known now let schedules start them. */
  readonly findActionIssue: (hosts: readonly HostId[], action: string) => Promise<string | null>;
};

/** What to store; `null`: nothing any more. A `Response` answers the request instead. */
type Next = StoredSchedule | null | Response;

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
export function scheduleRoutes({ bus, select, findActionIssue }: ScheduleRoutesDeps): Routes {
  /** Time of the bus, by which schedules fire: clocks of hubs may be off. */
  const readNowMs = async () => (await bus.readVersion()).nowMs;

  /**
   * Shows a schedule to those who may read one of its targets; `null`: to others it does not exist.
   */
  const show = async (
    stored: StoredSchedule,
    principal: Principal,
    nowMs: number,
  ): Promise<ShownSchedule | null> => {
    const isHidden =
      principal.scopes.reads !== null && select(requestOf(stored.schedule), principal).length === 0;
    if (isHidden) return null;
    const isOn = stored.schedule.enabled && stored.paused === null;
    return {
      ...stored,
      words: await describeTimes(stored.schedule),
      nextAtMs: isOn ? [...nextTimes(stored, nowMs, SHOWN_TIMES)] : [],
    };
  };

  const refusedBy = (c: Context, schedule: Schedule, principal: Principal): Response | null =>
    unlessInScope(c, 'schedule', requestOf(schedule), principal);

  /**
   * Changes a schedule. A hub that fires it may store another state at the same time, on which the
   * change is then based.
   */
  const update = async (
    c: Context,
    name: string,
    next: (before: ReadRecord<StoredSchedule> | null) => Promise<Next>,
  ): Promise<Response> => {
    const outcome = await changeRecord(bus, name, next);
    if (outcome instanceof Response) return outcome;
    if (outcome.type === 'full') {
      const detail = `There are ${MAX_SCHEDULES} schedules. Remove some first.`;
      return problem(c, 409, 'Too many schedules', detail);
    }
    const { after } = outcome;
    if (after === null) return c.body(null, 204);
    return c.json(await show(after, principalOf(c), await readNowMs()), 200);
  };

  /** Changes a schedule that exists, for those who may. */
  const change = async (
    c: Context,
    next: (stored: StoredSchedule) => StoredSchedule | null | Promise<StoredSchedule>,
  ): Promise<Response> => {
    const name = parseScheduleName(c.req.param('name'));
    noteForAudit(c, { target: c.req.param('name') ?? '' });
    if (name === null) return noSuchSchedule(c);
    const principal = principalOf(c);
    return update(c, name, async (read) => {
      if (read === null || (await show(read.record, principal, await readNowMs())) === null)
        return noSuchSchedule(c);
      return refusedBy(c, read.record.schedule, principal) ?? next(read.record);
    });
  };

  return [
    serve(listRoute, async (c) => {
      const all = [...(await bus.readAll()).values()].map(({ record }) => record);
      const nowMs = await readNowMs();
      const shown = await mapInTurns(all, (schedule) => show(schedule, principalOf(c), nowMs));
      const schedules = shown.filter((schedule) => schedule !== null);
      return c.json({ schedules: schedules.toSorted((a, b) => (a.name < b.name ? -1 : 1)) }, 200);
    }),

    serve(showRoute, async (c) => {
      const name = parseScheduleName(c.req.param('name'));
      const read = name === null ? undefined : (await bus.readAll()).get(name);
      const shown = read === undefined ? null : await show(read.record, principalOf(c), await readNowMs());
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
      const refused = unlessLasting(c, 'schedule', principal) ?? refusedBy(c, schedule, principal);
      if (refused !== null) return refused;
      const issue = await findActionIssue(select(requestOf(schedule), principal), action);
      if (issue !== null) {
        return invalidRequest(c, 422, 'Schedule not possible', [{ pointer: '/action', detail: issue }]);
      }
      return update(c, name, async (before) => {
        const refusedBefore = before === null ? null : refusedBy(c, before.record.schedule, principal);
        if (refusedBefore !== null) return refusedBefore;
        const atMs = await readNowMs();
        const firings = [...(before?.record.firings ?? [])];
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
      change(c, async (stored) => ({
        ...stored,
        paused: null,
        nextAtMs: nextTimes(stored, await readNowMs(), 1)[0] ?? null,
      })),
    ),
  ];
}

const noSuchSchedule = (c: Context): Response =>
  problem(c, 404, 'No such schedule', 'No schedule has this name. GET /schedules lists all schedules.');
