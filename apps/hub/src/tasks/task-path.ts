import { parseTaskId, type TaskId } from '@booner/protocol';
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { problem } from '../http/problem.ts';
import { SHOWN_TASK_ID } from '../http/shown-values.ts';

/** A task id as the OpenAPI document shows it. */
export const taskIdSchema = z.string().openapi(SHOWN_TASK_ID);

/** Parameters of paths with `{id}` of a task. */
export const taskIdParams = z.object({ id: taskIdSchema });

/**
 * Parses the task id of a path.
 * @returns `null` for an invalid one, which no task has: answer {@link noSuchTask}
 */
export const taskIdFromPath = (c: Context): TaskId | null => parseTaskId(c.req.param('id') ?? '');

/** The answer when a task does not exist: 404. */
export const noSuchTask = (c: Context): Response =>
  problem(c, 404, 'No such task', 'No task has this id. It never existed, or it was deleted after it ended.');
