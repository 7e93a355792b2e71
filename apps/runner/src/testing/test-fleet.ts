import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BusError, type TaskBus } from '@booner/bus';
import { startRedisTasks } from '@booner/bus/redis/tasks';
import { hasEnded, hostIdSchema, type Task } from '@booner/protocol';
import { newTaskId, type TaskId } from '@booner/protocol/task-id';
import { sleep } from '@booner/service';
import { eventually, type RunnerProcess, startRedis, startRunner, startTcpProxy } from '@booner/testkit';

export const HOST = hostIdSchema.parse('10.0.0.2');

export type TestFleetOptions = {
  /** Action files by name, without the name. `directory` is for files that they leave behind. */
  readonly actions: (directory: string) => Readonly<Record<string, object>>;
  readonly env?: Readonly<Record<string, string>>;
};

/**
 * Starts a Redis that keeps its data, a hub that applies reports, and a runner in its own process
 * behind a proxy.
 */
export async function startTestFleet({ actions, env }: TestFleetOptions) {
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'booner-fleet-'));
  stack.defer(() => rm(directory, { recursive: true }));
  const actionsDirectory = join(directory, 'actions.d');
  await mkdir(actionsDirectory, { mode: 0o755 });
  for (const [name, action] of Object.entries(actions(directory))) {
    // JSON is YAML.
    await writeFile(join(actionsDirectory, `${name}.yaml`), JSON.stringify({ name, ...action }));
  }
  const redis = stack.use(await startRedis({ appendonly: true }));
  const proxy = stack.use(await startTcpProxy({ targetPort: redis.port }));
  const tasks = stack.use(await startRedisTasks({ redis: { url: redis.url }, hub: 'test' }));
  const hub = { holdsClaims: false, holdsOne: false };
  stack.use(startHub(tasks, hub));
  await eventually(() => tasks.connection().state === 'connected', { what: 'the hub' });
  const startOne = (stateDirectory: string): Promise<RunnerProcess> =>
    startRunner({
      redisUrl: `redis://127.0.0.1:${proxy.port}`,
      hostId: HOST,
      actionsDirectory,
      stateDirectory,
      env,
    });
  const runner = stack.use(await startOne(join(directory, 'state')));
  const until = (id: TaskId, what: string, condition: (task: Task) => boolean): Promise<Task> =>
    eventually(
      async () => {
        const task = await tasks.read(id);
        return task !== null && condition(task) ? task : null;
      },
      { what },
    );
  const owned = stack.move();
  return {
    directory,
    redis,
    proxy,
    tasks,
    hub,
    runner,
    /** Starts another runner for the same host, with its own state. */
    startAnother: () => startOne(join(directory, 'other-state')),
    create: async (action: string, id = newTaskId()): Promise<TaskId> => {
      const offer = { params: {}, sealedParams: null };
      await tasks.create({ id, host: HOST, action, params: {}, offer, idempotency: null, maxQueued: 25 });
      return id;
    },
    until,
    untilEnded: (id: TaskId) => until(id, 'the end of the task', ({ status }) => hasEnded(status)),
    /** Returns the lines of a file that actions write to, once there are any. */
    linesOf: (name: string): Promise<string[]> =>
      eventually(
        async () => {
          const lines = (await readFile(join(directory, name), 'utf8'))
            .split('\n')
            .filter((line) => line !== '');
          return lines.length > 0 ? lines : null;
        },
        { what: `lines in ${name}` },
      ),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function startHub(
  tasks: TaskBus,
  hub: { readonly holdsClaims: boolean; holdsOne: boolean },
): AsyncDisposable {
  const stop = new AbortController();
  const applyAll = async () => {
    while (!stop.signal.aborted) {
      try {
        for (const received of await tasks.nextReports(100)) {
          const isClaim = received.report?.type === 'claim';
          for (; isClaim && hub.holdsClaims && !stop.signal.aborted; await sleep(10, stop.signal))
            hub.holdsOne = true;
          await tasks.apply(received);
        }
      } catch (error) {
        if (!(error instanceof BusError)) throw error;
        // Redis is unreachable, or the test ends; unapplied reports are read again.
        await sleep(50, stop.signal);
      }
    }
  };
  const applying = applyAll();
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await tasks[Symbol.asyncDispose]();
      await applying;
    },
  };
}
