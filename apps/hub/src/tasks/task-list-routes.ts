import { BusError, type TaskBus } from '@booner/bus';
import {
  actionNameSchema,
  type HostId,
  type Task,
  type TaskId,
  taskStatusSchema,
  type ViewSubject,
} from '@booner/protocol';
import { z } from '@hono/zod-openapi';
import { hostSchema } from '../fleet/host-path.ts';
import type { ReadableOf } from '../fleet/read-scopes.ts';
import { selectorParameter } from '../fleet/selector-parameter.ts';
import { invalidRequest } from '../http/json-body.ts';
import { jsonAnswer, optionalWholeNumber } from '../http/openapi.ts';
import { type Routes, route, serve } from '../http/route.ts';
import type { Readable } from '../ws/readable.ts';
import { noSuchTask, taskIdFromPath, taskIdParams } from './task-path.ts';
import { fullTaskSchema, taskMapBodySchema, taskPageSchema, taskSummarySchema } from './task-schemas.ts';

/** The tasks as the hub knows them from their events. */
export type TaskPicture = {
  get(id: TaskId): Task | null;
  /** JSON of the version 1 map. @throws BusError until the tasks are loaded */
  requireLoaded(): { version1Text(readable: Readable): string };
  /** 1: starts next on its host; `null`: not queued. */
  queuePosition(id: TaskId): number | null;
};

/**
 * Returns what selectors know of a host; `null` if it is not a target.
 * @throws BusError until the fleet is loaded
 */
export type SubjectOf = (host: HostId) => ViewSubject | null;

export type TaskListRoutesDeps = {
  readonly bus: Pick<TaskBus, 'read' | 'list' | 'readLastCursor'>;
  readonly board: TaskPicture;
  readonly subjectOf: SubjectOf;
  readonly readableOf: ReadableOf;
};

const MAX_PAGE = 500;
const DEFAULT_PAGE = 100;

const version = z.enum(['1', '2']).optional();
const listQuery = z.object({
  version,
  status: z.enum(taskStatusSchema.options).optional(),
  host: hostSchema.optional(),
  action: actionNameSchema.optional(),
  selector: selectorParameter('Lists only tasks of targets that match.'),
  limit: optionalWholeNumber({ minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE }),
  cursor: z
    .string()
    .regex(/^[A-Za-z0-9_:.=-]{1,200}$/, 'must be the "next" of an earlier answer')
    .optional(),
});

const listRoute = route({
  method: 'get',
  path: '/tasks',
  access: { role: 'viewer' },
  summary: 'List tasks',
  description:
    'Version 1: a map of all active tasks and those that ended last. With a filter or `version=2`: pages of ' +
    'complete tasks, newest first.',
  tag: 'tasks',
  request: { query: listQuery },
  responses: {
    200: jsonAnswer(
      'A map; with a filter or `version=2`, a page',
      z.union([taskMapBodySchema, taskPageSchema]),
    ),
  },
});

const taskRoute = route({
  method: 'get',
  path: '/tasks/{id}',
  access: { role: 'viewer' },
  summary: 'Show a task',
  description: 'With `version=2`: all its fields.',
  tag: 'tasks',
  request: { params: taskIdParams, query: z.object({ version }) },
  responses: { 200: jsonAnswer('The task', z.union([taskSummarySchema, fullTaskSchema])) },
  errors: { 404: 'No such task' },
});

/** REST mirrors of the task stream. */
export function taskListRoutes({ bus, board, subjectOf, readableOf }: TaskListRoutesDeps): Routes {
  const whole = (task: Task) => ({ ...task, queuePosition: board.queuePosition(task.id) });

  /**
   * Reads from the bus, so that clients find what they have just created through any hub. During an
   * outage it falls back to what this hub knows.
   */
  async function readTask(id: TaskId): Promise<Task | null> {
    try {
      return await bus.read(id);
    } catch (error) {
      const known = board.get(id);
      if (known === null || !(error instanceof BusError)) throw error;
      return known;
    }
  }

  return [
    serve(listRoute, async (c, { query }) => {
      const { version: asked, limit, cursor, selector, ...filters } = query;
      const isPage = [limit, cursor, selector].some((value) => value !== undefined);
      const isFiltered = isPage || Object.keys(filters).length > 0;
      if (asked !== '2' && !isFiltered) {
        return c.body(`{"tasks":${board.requireLoaded().version1Text(readableOf(c))}}`, 200, {
          'content-type': 'application/json',
        });
      }
      if (asked === '1') {
        const detail = 'must be 2 for filters: version 1 is always the whole map';
        return invalidRequest(c, 400, 'Invalid query', [{ pointer: '/version', detail }]);
      }
      const readable = readableOf(c);
      const isSelected = (host: HostId): boolean => {
        if (selector === undefined) return true;
        const subject = subjectOf(host);
        return subject !== null && selector.matches(subject);
      };
      // Read before the page, so that the page misses nothing up to it.
      const position = await bus.readLastCursor();
      const page = await bus.list({
        ...filters,
        includesHost: (host) => readable.has(host) && isSelected(host),
        limit: limit ?? DEFAULT_PAGE,
        ...(cursor === undefined ? {} : { after: cursor }),
      });
      return c.json({ tasks: page.tasks.map(whole), next: page.next, position }, 200);
    }),

    serve(taskRoute, async (c, { query }) => {
      const id = taskIdFromPath(c);
      const task = id === null ? null : await readTask(id);
      if (task === null || !readableOf(c).has(task.host)) return noSuchTask(c);
      if (query.version === '2') return c.json(whole(task), 200);
      const { status, result, error } = task;
      return c.json({ task_id: task.id, status, result, error }, 200);
    }),
  ];
}
