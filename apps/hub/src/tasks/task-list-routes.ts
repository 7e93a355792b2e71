import { BusError, type TaskBus } from '@booner/bus';
import {
  actionNameSchema,
  hostIdSchema,
  parseTaskId,
  type Task,
  type TaskId,
  taskStatusSchema,
} from '@booner/protocol';
import type { Logger } from '@booner/service';
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { busRoutes } from '../http/bus-problem.ts';
import { faultsOf, faultyRequest } from '../http/json-body.ts';
import { noSuchTask } from './task-routes.ts';
import {
  faults,
  fullTaskSchema,
  jsonAnswer,
  taskIdParam,
  taskMapBodySchema,
  taskPageSchema,
  taskSummarySchema,
} from './task-schemas.ts';

/** What the hub holds of the tasks, following their events. */
export type TaskPicture = {
  get(id: TaskId): Task | null;
  /** JSON of the version 1 map, from the loaded picture. @throws BusError before it was loaded */
  requireLoaded(): { version1Text(): string };
  /** 1 for the next to start on its host; `null` for a task that does not wait. */
  queuePosition(id: TaskId): number | null;
};

export type TaskListRoutesDeps = {
  readonly bus: Pick<TaskBus, 'read' | 'list' | 'readLastCursor'>;
  readonly board: TaskPicture;
  readonly log: Logger;
};

const MAX_PAGE = 500;
const DEFAULT_PAGE = 100;

const version = z.enum(['1', '2']).optional();
const listQuerySchema = z.object({
  version,
  status: taskStatusSchema.optional(),
  host: hostIdSchema.optional(),
  action: actionNameSchema.optional(),
  limit: z.coerce.number().pipe(z.int().min(1).max(MAX_PAGE)).optional(),
  cursor: z
    .string()
    .regex(/^[\w:.=-]{1,200}$/, 'must be the "next" of an earlier answer')
    .optional(),
});
const taskQuerySchema = z.object({ version });

const tags = ['tasks'];

const listRoute = createRoute({
  method: 'get',
  path: '/tasks',
  summary: 'The tasks',
  description:
    'Version 1, a map of every task that has not ended and those that ended last; or, with any filter or `version=2`, pages of whole tasks, newest first.',
  tags,
  request: {
    query: listQuerySchema.extend({
      host: z.string().optional().openapi({ example: '10.0.0.2' }),
      limit: z.int().min(1).max(MAX_PAGE).default(DEFAULT_PAGE).optional(),
    }),
  },
  responses: {
    200: jsonAnswer('Tasks', z.union([taskMapBodySchema, taskPageSchema])),
    ...faults({ 400: 'A bad filter' }),
  },
});

const taskRoute = createRoute({
  method: 'get',
  path: '/tasks/{id}',
  summary: 'One task',
  description: 'With `version=2` all that is known of it.',
  tags,
  request: { params: taskIdParam, query: taskQuerySchema },
  responses: {
    200: jsonAnswer('The task', z.union([taskSummarySchema, fullTaskSchema])),
    ...faults({ 400: 'A version that there is not', 404: 'No such task' }),
  },
});

/** REST mirrors of the task stream. */
export function taskListRoutes({ bus, board, log }: TaskListRoutesDeps): OpenAPIHono {
  const routes = busRoutes(log);
  const whole = (task: Task) => ({ ...task, queuePosition: board.queuePosition(task.id) });

  /** From the bus, so that a client finds what it has just made, on whichever hub; the last picture while the bus is away. */
  async function readTask(id: TaskId): Promise<Task | null> {
    try {
      return await bus.read(id);
    } catch (error) {
      const known = board.get(id);
      if (known === null || !(error instanceof BusError)) throw error;
      return known;
    }
  }

  routes.openAPIRegistry.registerPath(listRoute);
  routes.get('/tasks', async (c) => {
    const query = listQuerySchema.safeParse(c.req.query());
    if (!query.success) return faultyRequest(c, 400, 'Bad query', faultsOf(query.error));
    const { version: asked, limit, cursor, ...filters } = query.data;
    const isFiltered = limit !== undefined || cursor !== undefined || Object.keys(filters).length > 0;
    if (asked !== '2' && !isFiltered) {
      return c.body(`{"tasks":${board.requireLoaded().version1Text()}}`, 200, {
        'content-type': 'application/json',
      });
    }
    if (asked === '1') {
      const detail = 'is the whole map; filters need version 2';
      return faultyRequest(c, 400, 'Bad query', [{ pointer: '/version', detail }]);
    }
    const position = await bus.readLastCursor(); // before the page, which then lacks nothing up to it
    const page = await bus.list({
      ...filters,
      limit: limit ?? DEFAULT_PAGE,
      ...(cursor === undefined ? {} : { after: cursor }),
    });
    return c.json({ tasks: page.tasks.map(whole), next: page.next, position }, 200);
  });

  routes.openAPIRegistry.registerPath(taskRoute);
  routes.get('/tasks/:id', async (c) => {
    const query = taskQuerySchema.safeParse(c.req.query());
    if (!query.success) return faultyRequest(c, 400, 'Bad query', faultsOf(query.error));
    const id = parseTaskId(c.req.param('id'));
    const task = id === null ? null : await readTask(id);
    if (task === null) return noSuchTask(c);
    if (query.data.version === '2') return c.json(whole(task), 200);
    const { status, result, error } = task;
    return c.json({ task_id: task.id, status, result, error }, 200);
  });
  return routes;
}
