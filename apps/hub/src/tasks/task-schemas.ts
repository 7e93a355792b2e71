import {
  ACTION_NAME_PATTERN,
  actionNameSchema,
  jsonObjectSchema,
  MAX_ERROR_CHARACTERS,
  MAX_MESSAGE_CHARACTERS,
  offeredActionSchema,
  PARAMS_BOUNDS,
  parameterSchema,
  RESULT_BOUNDS,
  taskMapEntrySchema,
  taskSchema,
  taskStatusSchema,
} from '@booner/protocol';
import { z } from '@hono/zod-openapi';
import { hostSchema } from '../fleet/host-path.ts';
import { SHOWN_CURSOR, SHOWN_HOST, SHOWN_OBJECT, SHOWN_TASK_ID } from '../http/shown-values.ts';
import { taskIdSchema as taskId } from './task-path.ts';

const requiredText = z.string({
  error: ({ input }) => (input === undefined ? 'is required' : 'must be a text'),
});
/** Room for names of actions that do not exist. */
const MAX_ASKED_ACTION_CHARACTERS = 200;
const SHOWN_ACTION = { type: 'string', example: 'countdown', pattern: ACTION_NAME_PATTERN } as const;
const host = requiredText.pipe(hostSchema).meta(SHOWN_HOST);
const params = jsonObjectSchema(PARAMS_BOUNDS).openapi(SHOWN_OBJECT);
const result = jsonObjectSchema(RESULT_BOUNDS).openapi(SHOWN_OBJECT);
const status = z.enum(taskStatusSchema.options).openapi({ example: 'running' });

const idempotencyHeader = z.object({
  'Idempotency-Key': z.string().min(1).max(255).optional().openapi({
    pattern: '^[!-~]+$',
    description:
      '1 to 255 visible ASCII characters. Requests with the same key and body within 24 hours create one task.',
  }),
});

/** Headers of routes that create tasks. */
export const creationHeaders = idempotencyHeader.extend({
  traceparent: z.string().optional().openapi({
    description: 'Trace context (W3C), passed to the processes as TRACEPARENT. An invalid one is ignored.',
    example: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  }),
});

/** Body of `POST /tasks`. */
export const newTaskSchema = z
  .discriminatedUnion(
    'external',
    [
      z.strictObject({
        external: z.literal(false).optional(),
        host,
        // Any text: the answer to an unknown action lists the known ones.
        action: requiredText
          .pipe(z.string().max(MAX_ASKED_ACTION_CHARACTERS))
          .openapi({ example: 'countdown', maxLength: MAX_ASKED_ACTION_CHARACTERS }),
        params: params.optional(),
        check: z.boolean().optional().openapi({
          description:
            'A dry run: runs the `check` command of the action, which changes nothing. Only for `checkable` actions.',
        }),
      }),
      z.strictObject({
        external: z.literal(true),
        host,
        action: requiredText.pipe(actionNameSchema).openapi(SHOWN_ACTION),
        params: params.optional(),
        status: z.enum(['queued', 'running']).default('queued'),
      }),
    ],
    { error: ({ path }) => ((path ?? []).length > 0 ? 'must be true or false' : 'must be a JSON object') },
  )
  .openapi('NewTask');

/** Body of `PATCH /tasks/:id`. */
export const taskPatchSchema = z
  .strictObject(
    {
      status: status.optional(),
      progress: z.int().min(0).max(100).nullable().optional(),
      message: z.string().max(MAX_MESSAGE_CHARACTERS).nullable().optional(),
      result: result
        .nullable()
        .optional()
        .openapi({ ...SHOWN_OBJECT, type: ['object', 'null'] }),
      error: z.string().max(MAX_ERROR_CHARACTERS).nullable().optional(),
    },
    { error: ({ code }) => (code === 'invalid_type' ? 'must be a JSON object' : undefined) },
  )
  .refine((patch) => Object.keys(patch).length > 0, {
    error: 'must change at least one field, such as "progress"',
  })
  .openapi('TaskPatch', { minProperties: 1 });

/**
 * Body of the routes that existed before `POST /tasks`: the parameters, and beside them the host.
 */
export const compatBodySchema = jsonObjectSchema(PARAMS_BOUNDS).openapi({
  ...SHOWN_OBJECT,
  properties: { target_host: SHOWN_HOST },
  description: 'The parameters of the action, and optionally the host to run it on.',
});

export const acceptedSchema = z
  .object({ task_id: taskId, status, message: z.string() })
  .openapi('TaskAccepted');
export const taskSummarySchema = z
  .object({
    task_id: taskId,
    status,
    result: z.record(z.string(), z.unknown()).nullable(),
    error: z.string().nullable(),
  })
  .openapi('TaskSummary');
export const taskMapBodySchema = z.object({
  tasks: z
    .record(z.string(), taskMapEntrySchema.extend({ result: z.record(z.string(), z.unknown()).optional() }))
    .openapi('TaskMap'),
});
export const fullTaskSchema = taskSchema
  .extend({
    id: taskId,
    host: hostSchema,
    params: z.record(z.string(), z.unknown()),
    result: z.record(z.string(), z.unknown()).nullable(),
    rollout: z
      .string()
      .nullable()
      .openapi({ ...SHOWN_TASK_ID, type: ['string', 'null'], description: 'Rollout that it is part of' }),
    queuePosition: z
      .int()
      .nullable()
      .openapi({ description: '1: starts next on its host; null: not queued' }),
  })
  .openapi('Task');
export const taskPageSchema = z.object({
  tasks: z.array(fullTaskSchema),
  next: z.string().nullable().openapi({ description: '`cursor` for the next page' }),
  position: z.string().openapi({
    ...SHOWN_CURSOR,
    description: 'Cursor to resume the task stream from: the page includes everything up to it',
  }),
});
export const logSchema = z
  .object({
    task_id: taskId,
    lines: z.array(
      z.object({ line: z.int(), stream: z.enum(['stdout', 'stderr', 'runner']), text: z.string() }),
    ),
    dropped_lines: z.int(),
    next_after_line: z.int(),
  })
  .openapi('TaskLog');
export const hostActionsSchema = z
  .object({
    host: hostSchema,
    online: z.boolean().openapi({ description: 'True if a runner serves the host' }),
    conflict: z.boolean().openapi({ description: 'True if a second runner claims the host' }),
    actions: z.array(
      offeredActionSchema
        .extend({ name: z.string(), parameters: z.array(parameterSchema) })
        .openapi('Action'),
    ),
  })
  .openapi('HostActions');
export const runnerListSchema = z
  .object({
    runners: z.array(
      z.object({
        host: hostSchema,
        conflict: z.boolean().openapi({ description: 'True if a second runner claims the host' }),
        actions: z.array(z.string().openapi({ example: 'countdown' })),
      }),
    ),
  })
  .openapi('RunnerList');
