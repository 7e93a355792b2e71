import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NewTask } from '@booner/bus';
import { createMemoryBus } from '@booner/bus/memory';
import {
  hasEnded,
  hostIdSchema,
  type JsonObject,
  type LogLine,
  type Task,
  type TaskOffer,
} from '@booner/protocol';
import { newTaskId, type TaskId } from '@booner/protocol/task-id';
import { sleep } from '@booner/service';
import { eventually } from '@booner/testkit';
import { connectToLauncher } from '../launch/connect-to-launcher.ts';
import { DEFAULT_RUN_POLICY, type RunPolicy } from '../process/run-policy.ts';
import { type Runner, startRunner } from '../start-runner.ts';

export const HOST = hostIdSchema.parse('10.0.0.2');

export type TestHostOptions = {
  /** Action files by name, without the name. `directory` is for files that they leave behind. */
  readonly actions: (directory: string) => Readonly<Record<string, object>>;
  readonly concurrency?: number;
  readonly policy?: Partial<RunPolicy>;
  /** Socket of a launcher that runs the actions. */
  readonly launcherPath?: string;
  /** Keeps state in a directory, for later starts of the runner. */
  readonly keepsState?: boolean;
};

/** A log record of the runner. */
type LogRecord = { readonly level: string; readonly msg: string; readonly [field: string]: unknown };

export type TestHost = Awaited<ReturnType<typeof startTestHost>>;

/**
 * Starts a host with these actions: a runner in this process, and a bus in memory with one hub that
 * applies its reports.
 */
export async function startTestHost({
  actions,
  launcherPath: path,
  concurrency = 4,
  policy,
  keepsState,
}: TestHostOptions) {
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'booner-host-'));
  stack.defer(() => rm(directory, { recursive: true }));
  const actionsDirectory = join(directory, 'actions.d');
  await mkdir(actionsDirectory);
  /** JSON is YAML. */
  const writeAction = (name: string, action: object) =>
    writeFile(join(actionsDirectory, `${name}.yaml`), JSON.stringify({ name, ...action }));
  for (const [name, action] of Object.entries(actions(directory))) await writeAction(name, action);

  const bus = createMemoryBus();
  const tasks = stack.use(bus.startTasks({ waitMs: 50 }));
  const hub = { isAway: false };
  stack.use(startHub(tasks, hub));

  const said: LogRecord[] = [];
  const say = (level: string) => (fields: object | string, msg?: string) =>
    void said.push(
      typeof fields === 'string' ? { level, msg: fields } : { level, ...fields, msg: msg ?? '' },
    );
  const logger = { info: say('info'), warn: say('warn'), error: say('error') };
  const start = (): Promise<Runner> =>
    startRunner({
      host: HOST,
      actionsDirectory,
      trusted: true,
      stateDirectory: keepsState ? join(directory, 'state') : null,
      concurrency,
      version: '0.1.0',
      logger,
      policy: { ...DEFAULT_RUN_POLICY, ...policy },
      ...(path !== undefined && { openActions: () => connectToLauncher({ path, onLost: () => {} }) }),
      startBus: (instance, listener) => bus.startRunner({ host: HOST, instance, listener }),
    });
  let runner = await start();
  /** Lets the actions end that wait for this file. */
  const release = () => writeFile(join(directory, 'go'), '');
  stack.defer(() => runner[Symbol.asyncDispose]());
  stack.defer(() => release());

  const create = async (
    action: string,
    params: JsonObject = {},
    {
      sealedParams = null,
      sealedSecrets,
      ...more
    }: Partial<Pick<TaskOffer, 'sealedParams' | 'sealedSecrets'>> &
      Pick<NewTask, 'check' | 'traceparent'> = {},
  ) => {
    const id = newTaskId();
    const offer = { params, sealedParams, sealedSecrets };
    await tasks.create({ id, host: HOST, action, params, offer, idempotency: null, maxQueued: 25, ...more });
    return id;
  };
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
    tasks,
    said,
    writeAction,
    release,
    create,
    until,
    untilEnded: (id: TaskId) => until(id, 'the end of the task', ({ status }) => hasEnded(status)),
    logOf: async (id: TaskId): Promise<LogLine[]> => [...(await tasks.readLogTail(id, 1000)).lines],
    presence: async () => (await tasks.readRunner(HOST))?.presence ?? null,
    /** Pauses the hub, which then applies no reports. */
    hub,
    start,
    stopRunner: () => runner[Symbol.asyncDispose](),
    restartRunner: async () => {
      await runner[Symbol.asyncDispose]();
      runner = await start();
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function startHub(
  tasks: ReturnType<ReturnType<typeof createMemoryBus>['startTasks']>,
  hub: { readonly isAway: boolean },
): AsyncDisposable {
  const stop = new AbortController();
  const applyAll = async () => {
    while (!stop.signal.aborted) {
      for (const received of await tasks.nextReports(100)) {
        while (hub.isAway && !stop.signal.aborted) await sleep(10, stop.signal);
        await tasks.apply(received);
      }
    }
  };
  const applying = applyAll();
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await applying;
    },
  };
}
