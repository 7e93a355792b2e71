import type { TaskBus } from '@booner/bus';
import { type HostId, hostIdSchema } from '@booner/protocol';
import type { Logger } from '@booner/service';
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { busRoutes } from '../http/bus-problem.ts';
import { faultyRequest } from '../http/json-body.ts';
import { problem } from '../http/problem.ts';
import { faults, hostActionsSchema, hostParam, jsonAnswer } from './task-schemas.ts';

export type ActionRoutesDeps = {
  readonly bus: Pick<TaskBus, 'readRunner'>;
  /** Whether a host is registered as a target. */
  readonly isTarget: (host: HostId) => boolean;
  readonly log: Logger;
};

const actionsRoute = createRoute({
  method: 'get',
  path: '/targets/{host}/actions',
  summary: 'The actions that a target offers, with their parameters',
  tags: ['tasks'],
  request: { params: hostParam },
  responses: {
    200: jsonAnswer('Actions; none while no runner is there', hostActionsSchema),
    ...faults({ 400: 'Not a host id', 404: 'Neither a target nor served by a runner' }),
  },
});

export function actionRoutes({ bus, isTarget, log }: ActionRoutesDeps): OpenAPIHono {
  const routes = busRoutes(log);
  routes.openAPIRegistry.registerPath(actionsRoute);
  routes.get('/targets/:host/actions', async (c) => {
    const host = hostIdSchema.safeParse(c.req.param('host'));
    if (!host.success) {
      const detail = host.error.issues[0]?.message ?? 'is no host id';
      return faultyRequest(c, 400, 'Not a host id', [{ pointer: '/host', detail }]);
    }
    const runner = await bus.readRunner(host.data);
    if (runner === null && !isTarget(host.data)) {
      const detail = `No target is registered as ${host.data}, and no runner serves it.`;
      return problem(c, 404, 'No such target', detail, [{ pointer: '/host', detail: 'is no target' }]);
    }
    return c.json(
      {
        host: host.data,
        online: runner !== null,
        conflict: runner?.conflict ?? false,
        actions: runner?.presence.actions ?? [],
      },
      200,
    );
  });
  return routes;
}
