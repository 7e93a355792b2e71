import type { TaskBus } from '@booner/bus';
import type { HostId } from '@booner/protocol';
import { compareHosts } from '@booner/protocol/compare-hosts';
import { HOST_ERRORS, hostFromPath, hostParams, noSuchTarget } from '../fleet/host-path.ts';
import type { ReadableOf } from '../fleet/read-scopes.ts';
import { jsonAnswer } from '../http/openapi.ts';
import { type Routes, route, serve } from '../http/route.ts';
import { hostActionsSchema, runnerListSchema } from './task-schemas.ts';

export type ActionRoutesDeps = {
  readonly bus: Pick<TaskBus, 'readRunner' | 'findRunners'>;
  /** True if a host is registered as a target. */
  readonly isTarget: (host: HostId) => boolean;
  readonly readableOf: ReadableOf;
};

const actionsRoute = route({
  method: 'get',
  path: '/targets/{host}/actions',
  access: { role: 'viewer' },
  summary: 'List the actions of a target, with their parameters',
  tag: 'tasks',
  request: { params: hostParams },
  responses: { 200: jsonAnswer('The actions; none while no runner serves the host', hostActionsSchema) },
  errors: HOST_ERRORS,
});

const runnersRoute = route({
  method: 'get',
  path: '/runners',
  access: { role: 'viewer' },
  summary: 'List the hosts that can run tasks now, with the names of their actions',
  tag: 'tasks',
  responses: { 200: jsonAnswer('The connected runners, in the order of their hosts', runnerListSchema) },
});

/** Actions that runners offer. */
export const actionRoutes = ({ bus, isTarget, readableOf }: ActionRoutesDeps): Routes => [
  serve(actionsRoute, async (c) => {
    const host = hostFromPath(c);
    if (host instanceof Response) return host;
    if (!readableOf(c).has(host)) return noSuchTarget(c, host);
    const runner = await bus.readRunner(host);
    if (runner === null && !isTarget(host)) return noSuchTarget(c, host);
    return c.json(
      {
        host,
        online: runner !== null,
        conflict: runner?.conflict ?? false,
        actions: runner?.presence.actions ?? [],
      },
      200,
    );
  }),
  serve(runnersRoute, async (c) => {
    const readable = readableOf(c);
    const runners = (await bus.findRunners())
      .filter(({ host }) => readable.has(host))
      .sort((a, b) => compareHosts(a.host, b.host))
      .map(({ host, conflict, presence }) => ({
        host,
        conflict,
        actions: presence.actions.map(({ name }) => name),
      }));
    return c.json({ runners }, 200);
  }),
];
