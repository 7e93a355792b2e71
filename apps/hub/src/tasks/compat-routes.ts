import type { TaskBus } from '@booner/bus';
import { type HostId, hostIdSchema, type JsonObject } from '@booner/protocol';
import type { Logger } from '@booner/service';
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { busRoutes } from '../http/bus-problem.ts';
import { faultyRequest, readJsonBody } from '../http/json-body.ts';
import { problem } from '../http/problem.ts';
import type { CreateTask } from './create-task.ts';
import { answerCreation, nameList } from './creation-answer.ts';
import {
  acceptedSchema,
  compatBodySchema,
  faults,
  idempotencyHeader,
  jsonAnswer,
  jsonRequest,
} from './task-schemas.ts';

export type CompatRoutesDeps = {
  readonly create: CreateTask;
  readonly bus: Pick<TaskBus, 'findRunners'>;
  readonly log: Logger;
};

/** Paths that dashboards and scripts call since before `POST /tasks`; each starts the action of the same name. */
const PATHS = [
  ...['deploy', 'update', 'start', 'stop', 'backup'].map((verb) => `/game/${verb}`),
  ...['deploy', 'update', 'nginx', 'monitoring'].map((verb) => `/web/${verb}`),
  '/infrastructure/task',
];
const POINTERS = { host: '/target_host', action: null, params: '' };

/** The routes of earlier dashboards and scripts, onto the same creation of tasks. */
export function compatRoutes({ create, bus, log }: CompatRoutesDeps): OpenAPIHono {
  const routes = busRoutes(log);
  for (const path of PATHS) {
    const action = path.slice(1).replace('/', '.');
    routes.openAPIRegistry.registerPath(compatRoute(path, action));
    routes.post(path, async (c) => {
      const body = await readJsonBody(c, compatBodySchema, { allowEmpty: true });
      if (body instanceof Response) return body;
      const { target_host: asked, ...params } = withoutNulls(body);
      const host = asked === undefined ? await onlyHost(c, bus, action) : hostOf(c, asked);
      if (host instanceof Response) return host;
      return answerCreation(c, create, { host, action, params, external: null }, POINTERS);
    });
  }
  return routes;
}

/** Existing scripts send every field of theirs, `null` for one that is not set. What is inside a value stays. */
const withoutNulls = (body: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));

function hostOf(c: Context, asked: JsonObject[string]): HostId | Response {
  const host = hostIdSchema.safeParse(asked);
  if (host.success) return host.data;
  const detail = host.error.issues[0]?.message ?? 'is no host id';
  return faultyRequest(c, 400, 'Bad request body', [{ pointer: POINTERS.host, detail }]);
}

/** The one host that offers an action; an answer when there is none or a choice. */
async function onlyHost(
  c: Context,
  bus: Pick<TaskBus, 'findRunners'>,
  action: string,
): Promise<HostId | Response> {
  const hosts = (await bus.findRunners(action)).map(({ host }) => host).sort();
  const [first] = hosts;
  if (first !== undefined && hosts.length === 1) return first;
  const detail =
    first === undefined
      ? `is not given, and no runner offers ${action} now`
      : `is needed, since several hosts offer ${action}: ${nameList(hosts)}`;
  return problem(
    c,
    409,
    first === undefined ? 'No candidate' : 'Several candidates',
    `target_host ${detail}.`,
    [{ pointer: POINTERS.host, detail }],
  );
}

const compatRoute = (path: string, action: string) =>
  createRoute({
    method: 'post',
    path,
    summary: `Starts ${action}`,
    description:
      'As `POST /tasks`: the body has the parameters of the action, objects and arrays for those of type `json`. `null` counts as absent. Without `target_host`, on the one host that offers the action.',
    tags: ['tasks'],
    request: { headers: idempotencyHeader, body: { ...jsonRequest(compatBodySchema), required: false } },
    responses: {
      202: jsonAnswer('The task, made now or before with the same key', acceptedSchema),
      ...faults({
        400: 'A body or a key of a wrong form',
        404: 'No such host, or it does not offer the action',
        409: 'No host or several hosts offer the action, or the host has no runner now; or the key was used for another request',
        415: 'Not JSON',
        422: 'Parameters that the action does not take',
        429: 'Too many tasks wait for the host: repeat after Retry-After',
      }),
    },
  });
