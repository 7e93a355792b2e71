import type { TaskBus } from '@booner/bus';
import type { HostId } from '@booner/protocol';
import type { Logger } from '@booner/service';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { actionRoutes } from './action-routes.ts';
import { compatRoutes } from './compat-routes.ts';
import { taskCreator } from './create-task.ts';
import { type TaskPicture, taskListRoutes } from './task-list-routes.ts';
import { taskLogRoutes } from './task-log-routes.ts';
import { taskRoutes } from './task-routes.ts';

export type TaskHttpDeps = {
  readonly bus: Pick<
    TaskBus,
    | 'create'
    | 'cancel'
    | 'change'
    | 'read'
    | 'findByKey'
    | 'list'
    | 'readLastCursor'
    | 'readLog'
    | 'readLogTail'
    | 'readRunner'
    | 'findRunners'
  >;
  readonly board: TaskPicture;
  /** Whether a host is registered as a target. */
  readonly isTarget: (host: HostId) => boolean;
  /** Bound on the tasks that wait for one target. */
  readonly maxQueued: number;
  readonly log: Logger;
};

/** Everything of tasks that is served over HTTP. */
export function taskHttp({ bus, board, isTarget, maxQueued, log }: TaskHttpDeps): readonly OpenAPIHono[] {
  const create = taskCreator({ bus, isTarget, maxQueued });
  return [
    taskRoutes({ create, bus, log }),
    taskListRoutes({ bus, board, log }),
    taskLogRoutes({ bus, log }),
    actionRoutes({ bus, isTarget, log }),
    compatRoutes({ create, bus, log }),
  ];
}
