import type { TaskBus } from '@booner/bus';
import type { HostId } from '@booner/protocol';
import type { Logger } from '@booner/service';
import type { ReadableOf } from '../fleet/read-scopes.ts';
import type { Routes } from '../http/route.ts';
import { actionRoutes } from './action-routes.ts';
import { compatRoutes } from './compat-routes.ts';
import type { CreateTask } from './create-task.ts';
import { type SubjectOf, type TaskPicture, taskListRoutes } from './task-list-routes.ts';
import { taskLogRoutes } from './task-log-routes.ts';
import { taskRoutes } from './task-routes.ts';

export type TaskHttpDeps = {
  readonly bus: Pick<
    TaskBus,
    | 'cancel'
    | 'change'
    | 'read'
    | 'list'
    | 'readLastCursor'
    | 'readLog'
    | 'readLogTail'
    | 'readRunner'
    | 'findRunners'
  >;
  readonly board: TaskPicture;
  readonly subjectOf: SubjectOf;
  readonly create: CreateTask;
  readonly readableOf: ReadableOf;
  readonly log: Logger;
};

/** All routes for tasks. */
export function taskHttp({ bus, board, subjectOf, readableOf, create, log }: TaskHttpDeps): Routes {
  const isTarget = (host: HostId) => subjectOf(host) !== null;
  const creation = { create, readableOf };
  return [
    ...taskRoutes({ ...creation, bus }),
    ...taskListRoutes({ bus, board, subjectOf, readableOf }),
    ...taskLogRoutes({ bus, readableOf, log }),
    ...actionRoutes({ bus, isTarget, readableOf }),
    ...compatRoutes({ ...creation, bus }),
  ];
}
