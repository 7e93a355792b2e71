import type { Retention, TaskBus } from '@booner/bus';
import type { HostId } from '@booner/protocol';
import type { Logger } from '@booner/service';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { SocketSupervisor } from '../ws/socket-supervisor.ts';
import { followTasks } from './follow-tasks.ts';
import { endLostTasks } from './lost-tasks.ts';
import { ReportApplier } from './report-applier.ts';
import { TaskBoard } from './task-board.ts';
import { taskEndpoint } from './task-endpoint.ts';
import { taskHttp } from './task-http.ts';
import { TaskStream } from './task-stream.ts';
import { pruneTasks, repeatCancels } from './task-upkeep.ts';

/** Tasks that may wait for one target; more are refused. */
const MAX_QUEUED = 25;

export type HubTasksDeps = {
  readonly bus: TaskBus;
  readonly isTarget: (host: HostId) => boolean;
  readonly retention: Retention;
  /** Returns the reason why clients wait for their first picture, as a sentence. */
  readonly waitingFor: () => string;
  readonly supervisor: SocketSupervisor;
  readonly log: Logger;
};

/** A hub's tasks: what it serves, what /metrics shows, and what goes on until the signal of `run` aborts. */
export function createHubTasks({ bus, isTarget, retention, waitingFor, supervisor, log }: HubTasksDeps) {
  const board = new TaskBoard();
  const stream = new TaskStream({ bus, board, waitingFor, log });
  const applier = new ReportApplier({ bus, log });
  const routes: readonly OpenAPIHono[] = [
    ...taskHttp({ bus, board, isTarget, maxQueued: MAX_QUEUED, log }),
    taskEndpoint(stream, supervisor),
  ];
  return {
    routes,
    board,
    stream,
    reports: applier,
    run: ({ signal }: { signal: AbortSignal }): Promise<unknown> =>
      Promise.all([
        followTasks({ bus, board, stream, log }, { signal }),
        stream.run({ signal }),
        applier.run({ signal }),
        endLostTasks({ bus, board, log }, { signal }),
        repeatCancels({ bus, board, log }, { signal }),
        pruneTasks({ bus, retention, log }, { signal }),
      ]),
  };
}

export type HubTasks = ReturnType<typeof createHubTasks>;
