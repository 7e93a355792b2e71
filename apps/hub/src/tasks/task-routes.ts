import type { CancelOutcome, ChangeOutcome, TaskBus } from '@booner/bus';
import type { Task, TaskId } from '@booner/protocol';
import type { Context } from 'hono';
import { findScopeIssue, principalOf } from '../access/principal.ts';
import { noteForAudit } from '../access/require-credential.ts';
import { outOfScope } from '../access/scope-answer.ts';
import { jsonAnswer } from '../http/openapi.ts';
import { problem } from '../http/problem.ts';
import { type Routes, route, serve } from '../http/route.ts';
import type { Readable } from '../ws/readable.ts';
import { answerCreation, CREATION_ERRORS, type CreationAnswerDeps } from './creation-answer.ts';
import { noSuchTask, taskIdFromPath, taskIdParams } from './task-path.ts';
import {
  acceptedSchema,
  creationHeaders,
  fullTaskSchema,
  newTaskSchema,
  taskPatchSchema,
} from './task-schemas.ts';

export type TaskRoutesDeps = CreationAnswerDeps & {
  readonly bus: Pick<TaskBus, 'cancel' | 'change' | 'read'>;
};

const createTaskRoute = route({
  method: 'post',
  path: '/tasks',
  access: { role: 'operator', verb: 'task.create' },
  summary: 'Create a task',
  description:
    'For the runner of a host; or, with `external`, for another program that drives it with `PATCH`. Requests ' +
    'that differ only in secret parameters count as equal for an Idempotency-Key: to send another secret, use ' +
    'a new key.',
  tag: 'tasks',
  request: { headers: creationHeaders, body: newTaskSchema },
  responses: { 202: jsonAnswer('The task, created now or earlier with the same key', acceptedSchema) },
  errors: CREATION_ERRORS,
});

const cancelTaskRoute = route({
  method: 'post',
  path: '/tasks/{id}/cancel',
  access: { role: 'operator', verb: 'task.cancel' },
  summary: 'Cancel a task',
  description:
    'A running task is `cancelled` once its processes have ended. Repeating the request returns the same answer.',
  tag: 'tasks',
  request: { params: taskIdParams },
  responses: { 202: jsonAnswer('The task is cancelled, or is being cancelled', acceptedSchema) },
  errors: { 404: 'No such task', 409: 'The task has already ended' },
});

const patchTaskRoute = route({
  method: 'patch',
  path: '/tasks/{id}',
  access: { role: 'operator', verb: 'task.change' },
  summary: 'Update an external task',
  tag: 'tasks',
  request: { params: taskIdParams, body: taskPatchSchema },
  responses: { 200: jsonAnswer('The task', fullTaskSchema) },
  errors: { 404: 'No such task', 409: 'A runner drives the task, or its status does not allow the change' },
});

/** Creating, cancelling and changing of tasks. */
export const taskRoutes = ({ bus, ...creation }: TaskRoutesDeps): Routes => [
  serve(createTaskRoute, (c, { body }) => {
    const { host, action, params = {} } = body;
    const external = body.external === true ? { status: body.status } : null;
    const check = body.external !== true && body.check === true;
    const pointers = { host: '/host', action: '/action', params: '/params' };
    return answerCreation(c, creation, { host, action, params, external, check }, pointers);
  }),

  serve(cancelTaskRoute, async (c) => {
    const id = taskIdFromPath(c);
    if (id === null) return noSuchTask(c);
    return (
      (await refuseOutOfScope(c, bus, id, creation.readableOf(c))) ??
      cancelAnswer(c, id, await bus.cancel(id))
    );
  }),

  serve(patchTaskRoute, async (c, { body: { progress, ...others } }) => {
    const id = taskIdFromPath(c);
    if (id === null) return noSuchTask(c);
    const refused = await refuseOutOfScope(c, bus, id, creation.readableOf(c));
    if (refused !== null) return refused;
    const change = progress === undefined ? others : { ...others, progressPercent: progress };
    return changeAnswer(c, await bus.change(id, change));
  }),
];

/** Reads the task only for credentials with scopes. Its host and its action never change. */
async function refuseOutOfScope(
  c: Context,
  bus: Pick<TaskBus, 'read'>,
  id: TaskId,
  readable: Readable,
): Promise<Response | null> {
  noteForAudit(c, { target: id });
  const principal = principalOf(c);
  const { hosts, actions } = principal.scopes;
  if (hosts === null && actions === null && readable.key === null) return null;
  const task = await bus.read(id);
  if (task !== null && !readable.has(task.host)) return noSuchTask(c);
  const issue = task === null ? null : findScopeIssue(principal, task.host, task.action);
  return issue === null ? null : outOfScope(c, issue);
}

function cancelAnswer(c: Context, id: TaskId, outcome: CancelOutcome): Response {
  switch (outcome.type) {
    case 'cancelled':
      return c.json({ task_id: id, status: 'cancelled', message: 'The task is cancelled.' }, 202);
    case 'cancelling': {
      const message = 'The task is being cancelled. It is cancelled once its processes have ended.';
      return c.json({ task_id: id, status: 'running', message }, 202);
    }
    case 'ended':
      return problem(c, 409, 'Task has ended', `The task is already ${outcome.status}.`);
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
      return problem(
        c,
        409,
        'Not an external task',
        'A runner drives this task, so only the runner may change it.',
      );
    case 'forbidden':
      return problem(
        c,
        409,
        'Not allowed now',
        `The task is ${outcome.status}, which does not allow this change.`,
      );
    case 'unknown':
      return noSuchTask(c);
    default:
      return outcome satisfies never;
  }
}

/** Tasks that another program drives are never queued. */
const externalTask = (task: Task) => ({ ...task, queuePosition: null });
