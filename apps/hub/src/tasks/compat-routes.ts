import type { TaskBus } from '@booner/bus';
import { type HostId, hostIdSchema, type JsonObject } from '@booner/protocol';
import type { Context } from 'hono';
import { invalidRequest } from '../http/json-body.ts';
import { jsonAnswer } from '../http/openapi.ts';
import { problem } from '../http/problem.ts';
import { type Routes, route, serve } from '../http/route.ts';
import type { Readable } from '../ws/readable.ts';
import { answerCreation, CREATION_ERRORS, type CreationAnswerDeps, nameList } from './creation-answer.ts';
import { acceptedSchema, compatBodySchema, creationHeaders } from './task-schemas.ts';

export type CompatRoutesDeps = CreationAnswerDeps & {
  readonly bus: Pick<TaskBus, 'findRunners'>;
};

/**
 * Paths that dashboards and scripts used before `POST /tasks`. Each starts the action of that name.
 */
const PATHS = [
  ...['deploy', 'update', 'start', 'stop', 'backup'].map((verb) => `/game/${verb}`),
  ...['deploy', 'update', 'nginx', 'monitoring'].map((verb) => `/web/${verb}`),
  '/infrastructure/task',
];
const POINTERS = { host: '/target_host', action: null, params: '' };

const compatRoute = (path: string, action: string) =>
  route({
    method: 'post',
    path,
    access: { role: 'operator', verb: 'task.create' },
    summary: `Start ${action}`,
    description:
      'Like `POST /tasks`. The body holds the parameters of the action: objects and arrays for those of type ' +
      '`json`, and `null` for absent ones. Without `target_host`, the one host that offers the action is used.',
    tag: 'tasks',
    request: { headers: creationHeaders, body: compatBodySchema, allowEmptyBody: true },
    responses: { 202: jsonAnswer('The task, created now or earlier with the same key', acceptedSchema) },
    errors: {
      ...CREATION_ERRORS,
      409: `${CREATION_ERRORS[409]}; or, without \`target_host\`, none or several hosts offer the action`,
    },
  });

/** Routes of earlier dashboards and scripts. */
export const compatRoutes = ({ bus, ...creation }: CompatRoutesDeps): Routes =>
  PATHS.map((path) => {
    const action = path.slice(1).replace('/', '.');
    return serve(compatRoute(path, action), async (c, { body }) => {
      const { target_host: asked, ...params } = withoutNulls(body);
      const host =
        asked === undefined ? await onlyHost(c, bus, action, creation.readableOf(c)) : hostOf(c, asked);
      if (host instanceof Response) return host;
      const request = { host, action, params, external: null, check: false };
      return answerCreation(c, creation, request, POINTERS);
    });
  });

/**
 * Drops top-level nulls: existing scripts send every field, with `null` for those that are not set.
 */
const withoutNulls = (body: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));

function hostOf(c: Context, asked: JsonObject[string]): HostId | Response {
  const host = hostIdSchema.safeParse(asked);
  if (host.success) return host.data;
  const detail = host.error.issues[0]?.message ?? 'must be a host id';
  return invalidRequest(c, 400, 'Invalid request body', [{ pointer: POINTERS.host, detail }]);
}

/** Finds the one host that offers an action. @returns the answer when none or several do: 409 */
async function onlyHost(
  c: Context,
  bus: Pick<TaskBus, 'findRunners'>,
  action: string,
  readable: Readable,
): Promise<HostId | Response> {
  const runners = await bus.findRunners(action);
  const hosts = runners
    .map(({ host }) => host)
    .filter(readable.has)
    .sort();
  const [first] = hosts;
  if (first !== undefined && hosts.length === 1) return first;
  const detail =
    first === undefined
      ? `is required, because no runner offers ${action} now`
      : `is required, because several hosts offer ${action}: ${nameList(hosts)}`;
  return problem(
    c,
    409,
    first === undefined ? 'No host offers the action' : 'Several hosts offer the action',
    `target_host ${detail}.`,
    [{ pointer: POINTERS.host, detail }],
  );
}
