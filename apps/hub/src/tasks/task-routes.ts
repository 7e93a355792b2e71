import type { CancelOutcome, ChangeOutcome, TaskBus } from '@booner/bus';
import { parseTaskId, type Task, type TaskId } from '@booner/protocol';
import type { Logger } from '@booner/service';
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { principalOf, scopeFaultOf } from '../access/principal.ts';
import { noteForAudit } from '../access/require-credential.ts';
import { outOfScope } from '../access/scope-answer.ts';
import { busRoutes } from '../http/bus-problem.ts';
import { readJsonBody } from '../http/json-body.ts';
import { problem } from '../http/problem.ts';
import type { CreateTask } from './create-task.ts';
import { answerCreation } from './creation-answer.ts';
import {
  acceptedSchema,
  faults,
  fullTaskSchema,
  idempotencyHeader,
  jsonAnswer,
  jsonRequest,
  newTaskSchema,
  taskIdParam,
  taskPatchSchema,
} from './task-schemas.ts';

export type TaskRoutesDeps = {
  readonly create: CreateTask;
  readonly bus: Pick<TaskBus, 'cancel' | 'change' | 'read'>;
  readonly log: Logger;
};

const tags = ['tasks'];

const createTaskRoute = createRoute({
  method: 'post',
  path: '/tasks',
  summary: 'Makes a task',
  description:
    'For the runner of a host; or, with `external`, one that another program drives by `PATCH`. Secret parameters are left out of what ' +
    'tells repetitions of one Idempotency-Key apart: to repeat a request with another secret, take a new key.',
  tags,
  request: { headers: idempotencyHeader, body: jsonRequest(newTaskSchema) },
  responses: {
    202: jsonAnswer('The task, made now or before with the same key', acceptedSchema),
    ...faults({
      400: 'A body or a key of a wrong form',
      404: 'No such host or action',
      409: 'The host has no runner now; or the key was used for another request',
      415: 'Not JSON',
      422: 'Parameters that the action does not take',
      429: 'Too many tasks wait for the host: repeat after Retry-After',
    }),
  },
});

const cancelTaskRoute = createRoute({
  method: 'post',
  path: '/tasks/{id}/cancel',
  summary: 'Cancels a task',
  description:
    'A running task is `cancelled` once its processes are gone. Asking again is answered the same.',
  tags,
  request: { params: taskIdParam },
  responses: {
    202: jsonAnswer('Cancelled, or being cancelled', acceptedSchema),
    ...faults({ 404: 'No such task', 409: 'It ended otherwise before' }),
  },
});

const patchTaskRoute = createRoute({
  method: 'patch',
  path: '/tasks/{id}',
  summary: 'Says how an external task goes',
  tags,
  request: { params: taskIdParam, body: jsonRequest(taskPatchSchema) },
  responses: {
    200: jsonAnswer('The task', fullTaskSchema),
    ...faults({
      400: 'A body of a wrong form',
      404: 'No such task',
      409: 'A runner drives it; or the states do not allow the change',
      415: 'Not JSON',
    }),
  },
});

/** The routes that make and change tasks. */
export function taskRoutes({ create, bus, log }: TaskRoutesDeps): OpenAPIHono {
  const routes = busRoutes(log);
  // The handlers read bodies themselves: stricter about JSON than the framework, and with pointers to what is wrong.
  routes.openAPIRegistry.registerPath(createTaskRoute);
  routes.post('/tasks', async (c) => {
    const body = await readJsonBody(c, newTaskSchema);
    if (body instanceof Response) return body;
    const { host, action, params = {} } = body;
    const external = body.external === true ? { status: body.status } : null;
    const pointers = { host: '/host', action: '/action', params: '/params' };
    return answerCreation(c, create, { host, action, params, external }, pointers);
  });
  routes.openAPIRegistry.registerPath(cancelTaskRoute);
  routes.post('/tasks/:id/cancel', async (c) => {
    const id = parseTaskId(c.req.param('id'));
    if (id === null) return noSuchTask(c);
    return (await refuseOutOfScope(c, bus, id)) ?? cancelAnswer(c, id, await bus.cancel(id));
  });
  routes.openAPIRegistry.registerPath(patchTaskRoute);
  routes.patch('/tasks/:id', async (c) => {
    const patch = await readJsonBody(c, taskPatchSchema);
    if (patch instanceof Response) return patch;
    const id = parseTaskId(c.req.param('id'));
    if (id === null) return noSuchTask(c);
    const refused = await refuseOutOfScope(c, bus, id);
    if (refused !== null) return refused;
    const { progress, ...others } = patch;
    const change = progress === undefined ? others : { ...others, progressPercent: progress };
    return changeAnswer(c, await bus.change(id, change));
  });
  return routes;
}

/** Reads the task only for who may not change all of them: what it is on, and of which action, never changes. */
async function refuseOutOfScope(
  c: Context,
  bus: Pick<TaskBus, 'read'>,
  id: TaskId,
): Promise<Response | null> {
  noteForAudit(c, { target: id });
  const principal = principalOf(c);
  if (principal.scopes.hosts === null && principal.scopes.actions === null) return null;
  const task = await bus.read(id);
  const fault = task === null ? null : scopeFaultOf(principal, task.host, task.action);
  return fault === null ? null : outOfScope(c, fault);
}

function cancelAnswer(c: Context, id: TaskId, outcome: CancelOutcome): Response {
  switch (outcome.type) {
    case 'cancelled':
      return c.json({ task_id: id, status: 'cancelled', message: 'The task is cancelled.' }, 202);
    case 'cancelling': {
      const message = 'The task is cancelling: it is cancelled once nothing of it runs any more.';
      return c.json({ task_id: id, status: 'running', message }, 202);
    }
    case 'ended':
      return problem(c, 409, 'Task has ended', `The task is ${outcome.status} and stays so.`);
    case 'unknown':
      return noSuchTask(c);
    default:
      return outcome satisfies never;
  }
}

function changeAnswer(c: Context, outcome: ChangeOutcome): Response {
  switch (outcome.type) {
    case 'changed':
      return c.json(externalTask(outcome.task), 200);
    case 'not_external':
      return problem(c, 409, 'Not an external task', 'A runner drives this task; nobody else may change it.');
    case 'forbidden':
      return problem(
        c,
        409,
        'Not allowed now',
        `The task is ${outcome.status}; that change is not allowed from there.`,
      );
    case 'unknown':
      return noSuchTask(c);
    default:
      return outcome satisfies never;
  }
}

/** Nothing waits in a queue that another program drives. */
const externalTask = (task: Task) => ({ ...task, queuePosition: null });

/** For a text that is no task id as well: whoever has one did not get it here. */
export const noSuchTask = (c: Context): Response =>
  problem(
    c,
    404,
    'No such task',
    'There is no task of this id: it never was, or it was forgotten after its end.',
  );
