import type { NewTask, RunnerBus, TaskBus } from '@booner/bus';
import type { MemoryBus } from '@booner/bus/memory';
import { type HostId, newInstanceId, newTaskId, type TaskId } from '@booner/protocol';
import { createLogger } from '@booner/service';
import { startHttpServer } from '../http/server.ts';
import { followTasks } from '../tasks/follow-tasks.ts';
import { TaskBoard } from '../tasks/task-board.ts';
import { taskListRoutes } from '../tasks/task-list-routes.ts';
import { TaskStream } from '../tasks/task-stream.ts';
import { EVERYTHING } from '../ws/readable.ts';
import { SocketSupervisor } from '../ws/socket-supervisor.ts';
import { streamEndpoint } from '../ws/stream-endpoint.ts';
import { createWebSocketServer } from '../ws/web-socket-server.ts';
import { createTestApp } from './test-app.ts';

export type TestTaskHub = AsyncDisposable & {
  readonly url: string;
  readonly bus: TaskBus;
  readonly board: TaskBoard;
  readonly stream: TaskStream;
};

/**
 * Starts only a hub's task stream and its mirrors, on a real socket.
 * @param wrap wraps the bus, to make it fail or wait
 */
export async function startTestTaskHub(
  shared: { startTasks(options?: { waitMs: number }): TaskBus | Promise<TaskBus> },
  { wrap = (bus) => bus }: { readonly wrap?: (bus: TaskBus) => TaskBus } = {},
): Promise<TestTaskHub> {
  const stop = new AbortController();
  const { signal } = stop;
  const log = await createLogger({ name: 'test', level: 'silent' });
  const bus = wrap(await shared.startTasks({ waitMs: 20 }));
  const board = new TaskBoard();
  const stream = new TaskStream({
    bus,
    board,
    rosterRevision: () => 0,
    waitingFor: () => 'the test says so',
    log,
  });
  const server = await startHttpServer({
    fetch: createTestApp({
      log,
      routes: [
        streamEndpoint({
          path: '/ws/tasks/updates',
          mirror: '/tasks',
          stream,
          supervisor: new SocketSupervisor(log),
          ownerOf: () => ({ credentialId: null, account: '' }),
        }),
        ...taskListRoutes({ bus, board, subjectOf: () => null, readableOf: () => EVERYTHING }),
      ],
    }).fetch,
    webSockets: createWebSocketServer(),
    log,
    host: '127.0.0.1',
    port: 0,
    maxConnections: 1000,
    maxConnectionsPerAddress: 1000,
  });
  const running = [followTasks({ bus, board, stream, log }, { signal }), stream.run({ signal })];
  return {
    url: server.url,
    bus,
    board,
    stream,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all(running);
      await server[Symbol.asyncDispose]();
      await bus[Symbol.asyncDispose]();
    },
  };
}

/** A task that no runner is asked for: tests move it by `change`. */
export const externalTask = (host = '10.0.0.2', changes: Partial<NewTask> = {}): NewTask => ({
  id: newTaskId(),
  host: host as HostId,
  action: 'deploy',
  params: {},
  offer: null,
  idempotency: null,
  maxQueued: 25,
  ...changes,
});

export async function createExternal(bus: TaskBus, host?: string): Promise<TaskId> {
  const task = externalTask(host);
  await bus.create(task);
  return task.id;
}

/** A runner that does nothing but write logs. */
export const startLogWriter = (memory: Pick<MemoryBus, 'startRunner'>): RunnerBus =>
  memory.startRunner({
    host: '10.0.0.2' as HostId,
    instance: `${newInstanceId()}.${newInstanceId()}`,
    listener: { onOffer() {}, onControl() {}, onServing() {}, onConnection() {} },
  });
