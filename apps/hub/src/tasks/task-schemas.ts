import {
  actionNameSchema,
  hostIdSchema,
  jsonObjectSchema,
  MAX_ERROR_CHARACTERS,
  MAX_MESSAGE_CHARACTERS,
  offeredActionSchema,
  PARAMS_BOUNDS,
  parameterSchema,
  problemSchema,
  RESULT_BOUNDS,
  taskMapEntrySchema,
  taskSchema,
  taskStatusSchema,
} from '@booner/protocol';
import { z } from '@hono/zod-openapi';

// Schemas are made here, after @hono/zod-openapi taught zod to name them. Ids and free objects say how they look like in the reference.
const HOST = { type: 'string', description: 'IP address or host name', example: '10.0.0.2' } as const;
const TASK_ID = { type: 'string', example: 'V1StGXR8_Z5jdHi6B-myT' } as const;
const OBJECT = { type: 'object', additionalProperties: true } as const;

const requiredText = z.string({
  error: ({ input }) => (input === undefined ? 'is required' : 'must be a text'),
});
const host = requiredText.pipe(hostIdSchema).openapi(HOST);
const params = jsonObjectSchema(PARAMS_BOUNDS).openapi(OBJECT);
const result = jsonObjectSchema(RESULT_BOUNDS).openapi(OBJECT);
const status = z.enum(taskStatusSchema.options).openapi({ example: 'running' });

export const hostParam = z.object({
  host: z.string().openapi({ ...HOST, param: { name: 'host', in: 'path' } }),
});
export const taskIdParam = z.object({
  id: z.string().openapi({ ...TASK_ID, param: { name: 'id', in: 'path' } }),
});
export const idempotencyHeader = z.object({
  'Idempotency-Key': z.string().min(1).max(255).optional().openapi({
    description: 'Visible ASCII. The same key and body within 24 hours answer with the same task.',
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
        // Not only the names that an action may have: an unknown one is answered with those that there are.
        action: requiredText.pipe(z.string().max(200)).openapi({ example: 'countdown' }),
        params: params.optional(),
      }),
      z.strictObject({
        external: z.literal(true),
        host,
        action: requiredText.pipe(actionNameSchema),
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
        .openapi({ ...OBJECT, type: ['object', 'null'] }),
      error: z.string().max(MAX_ERROR_CHARACTERS).nullable().optional(),
    },
    { error: ({ code }) => (code === 'invalid_type' ? 'must be a JSON object' : undefined) },
  )
  .refine((patch) => Object.keys(patch).length > 0, { error: 'names nothing to change' })
  .openapi('TaskPatch');

/** Body of the routes that existed before `POST /tasks`: the parameters and, beside them, the host. */
export const compatBodySchema = jsonObjectSchema(PARAMS_BOUNDS).openapi({
  ...OBJECT,
  properties: { target_host: HOST },
  description: 'The parameters of the action, and optionally the host that is to run it.',
});

export const acceptedSchema = z
  .object({ task_id: z.string().openapi(TASK_ID), status, message: z.string() })
  .openapi('TaskAccepted');
export const taskSummarySchema = z
  .object({
    task_id: z.string().openapi(TASK_ID),
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
    id: z.string().openapi(TASK_ID),
    host: z.string().openapi(HOST),
    params: z.record(z.string(), z.unknown()),
    result: z.record(z.string(), z.unknown()).nullable(),
    queuePosition: z.int().nullable().openapi({ description: '1 for the next to start on its host' }),
  })
  .openapi('Task');
export const taskPageSchema = z.object({
  tasks: z.array(fullTaskSchema),
  next: z.string().nullable().openapi({ description: 'The cursor of the next page' }),
  position: z.string().openapi({
    description: 'Where to resume the task stream: this page is at least as new',
    example: '1732345678901-0',
  }),
});
export const logSchema = z
  .object({
    task_id: z.string().openapi(TASK_ID),
    lines: z.array(
      z.object({ line: z.int(), stream: z.enum(['stdout', 'stderr', 'runner']), text: z.string() }),
    ),
    dropped_lines: z.int(),
    next_after_line: z.int(),
  })
  .openapi('TaskLog');
export const hostActionsSchema = z
  .object({
    host: z.string().openapi(HOST),
    online: z.boolean().openapi({ description: 'Whether a runner is there' }),
    conflict: z.boolean().openapi({ description: 'Whether a second runner claims this host' }),
    actions: z.array(
      offeredActionSchema
        .extend({ name: z.string(), parameters: z.array(parameterSchema) })
        .openapi('Action'),
    ),
  })
  .openapi('HostActions');

const problemBody = problemSchema.extend({}).openapi('Problem');

/** The description of an answer in JSON. */
export const jsonAnswer = (description: string, schema: z.ZodType) => ({
  description,
  content: { 'application/json': { schema } },
});
/** The descriptions of the faults that a route answers with, by status. */
export const faults = (descriptions: Readonly<Record<number, string>>) =>
  Object.fromEntries(
    Object.entries({ 503: 'The bus is away, slow or full: repeat after Retry-After', ...descriptions }).map(
      ([code, description]) => [
        code,
        { description, content: { 'application/problem+json': { schema: problemBody } } },
      ],
    ),
  );
/** The description of a JSON body. */
export const jsonRequest = (schema: z.ZodType) => ({
  required: true,
  content: { 'application/json': { schema } },
});
