import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HostId, hasEnded, hostIdSchema, type LogLine, type Task, taskSchema } from '@booner/protocol';
import {
  eventually,
  type HubProcess,
  type RunnerProcess,
  type StartRedisOptions,
  startHub,
  startRedis,
  startRunner,
  startTcpProxy,
} from '@booner/testkit';
import { connectOperator } from '../fleet/operator.ts';
import { killProcessesOf } from './process-table.ts';

export const HOST: HostId = hostIdSchema.parse('10.0.0.2');

/** An action of a test, as in its file, without the name. */
export type TestAction = Readonly<Record<string, unknown>>;

export type TaskBedOptions = {
  /** Actions by name; `directory` is a folder for their files. */
  readonly actions?: (directory: string) => Readonly<Record<string, TestAction>>;
  /** Number of hubs that share the Redis; default 1. */
  readonly hubs?: number;
  /** Settings of each hub. */
  readonly hubEnv?: Readonly<Record<string, string>>;
  /** Settings of the runner; `null`: none is started. */
  readonly runnerEnv?: Readonly<Record<string, string>> | null;
  readonly redis?: StartRedisOptions;
};

export type Answer<Body = Record<string, unknown>> = { readonly status: number; readonly body: Body };

export type TaskBed = Awaited<ReturnType<typeof startTaskBed>>;

/**
 * Starts a Redis, hubs, and the runner of {@link HOST} with these actions, each in a process of its
 * own. The runner reaches Redis through `proxy`. Resolves when every hub offers its actions.
 * Disposal kills them all and removes what they left.
 */
export async function startTaskBed(options: TaskBedOptions = {}) {
  const { actions = () => ({}), hubEnv = {}, runnerEnv = {} } = options;
  await using stack = new AsyncDisposableStack();
  let owner: AsyncDisposableStack = stack;
  const directory = await mkdtemp(join(tmpdir(), 'booner-tasks-'));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const made = new Set<string>();
  stack.defer(() => killProcessesOf(made)); // the runner, which is killed before, cannot do it
  const actionsDirectory = join(directory, 'actions.d');
  await mkdir(actionsDirectory);
  await chmod(actionsDirectory, 0o755); // whatever the umask is
  const writeAction = async (name: string, action: TestAction) => {
    const file = join(actionsDirectory, `${name}.yaml`);
    await writeFile(file, JSON.stringify({ name, ...action })); // JSON is YAML
    await chmod(file, 0o644);
    return file;
  };
  const offered: Readonly<Record<string, TestAction>> = actions(directory);
  for (const [name, action] of Object.entries(offered)) await writeAction(name, action);

  const redis = stack.use(await startRedis(options.redis));
  const proxy = stack.use(await startTcpProxy({ targetPort: redis.port }));
  const hubs = await Promise.all(
    Array.from({ length: options.hubs ?? 1 }, async () =>
      stack.use(await startHub({ redisUrl: redis.url, env: hubEnv })),
    ),
  );
  const [hub] = hubs as [HubProcess, ...HubProcess[]];
  const operator = stack.use(connectOperator(redis.url));
  await eventually(
    async () => (await Promise.all(hubs.map((each) => each.get('/readyz')))).every(({ ok }) => ok),
    {
      what: 'hubs that have caught up',
    },
  );

  /**
   * Starts another runner, or the first one again; by default through the proxy, with the same
   * actions and a new state directory.
   */
  const addRunner = async (runner: Partial<Parameters<typeof startRunner>[0]> = {}): Promise<RunnerProcess> =>
    owner.use(
      await startRunner({
        redisUrl: `redis://127.0.0.1:${proxy.port}`,
        hostId: HOST,
        actionsDirectory,
        ...runner,
      }),
    );
  /** Waits until a hub offers the actions of a host. */
  const untilOffered = (names: readonly string[], host: string = HOST) =>
    eventually(
      async () => {
        const answers = await Promise.all(hubs.map((each) => send(each, 'GET', `/targets/${host}/actions`)));
        return answers.every(({ body }) => {
          const there = (body.actions as { name: string }[] | undefined)?.map(({ name }) => name);
          return body.online === true && names.every((name) => there?.includes(name));
        });
      },
      { what: `the actions of ${host}` },
    );
  let runner: RunnerProcess | null = null;
  if (runnerEnv !== null) {
    runner = await addRunner({ env: runnerEnv });
    await untilOffered(Object.keys(offered));
  }

  /** `POST /tasks`. */
  const post = async (body: object, headers: Readonly<Record<string, string>> = {}): Promise<Answer> => {
    const answer = await send(hub, 'POST', '/tasks', { body, headers });
    if (answer.status === 202) made.add(String(answer.body.task_id));
    return answer;
  };
  /**
   * Creates a task, which must be accepted.
   * @returns its id
   */
  const create = async (action: string, params: object = {}, host: string = HOST): Promise<string> => {
    const { status, body } = await post({ host, action, params });
    if (status !== 202) throw new Error(`${action} was answered ${status}: ${JSON.stringify(body)}`);
    return String(body.task_id);
  };
  const read = async (id: string, by: HubProcess = hub): Promise<Task & { queuePosition: number | null }> => {
    const { status, body } = await send(by, 'GET', `/tasks/${id}?version=2`);
    if (status !== 200) throw new Error(`task ${id} was answered ${status}: ${JSON.stringify(body)}`);
    return { ...taskSchema.parse(body), queuePosition: body.queuePosition as number | null };
  };
  /** @throws Error with the task as it is, and what the runner and the hub said last */
  const until = async (id: string, what: string, condition: (task: Task) => boolean, deadlineMs = 60_000) => {
    let last: Task | null = null;
    try {
      return await eventually(
        async () => {
          last = await read(id);
          return condition(last) ? last : null;
        },
        { deadlineMs, what },
      );
    } catch (error) {
      const said = [runner, hub].flatMap((each) => each?.lines.stdout.slice(-8) ?? []);
      throw new Error(`${what}: it is ${JSON.stringify(last)}; ${said.join('\n')}`, { cause: error });
    }
  };
  const log = async (id: string): Promise<readonly LogLine[]> =>
    (await send(hub, 'GET', `/tasks/${id}/log?limit=5000`)).body.lines as LogLine[];
  owner = stack.move();
  return {
    directory,
    actionsDirectory,
    redis,
    proxy,
    hubs,
    /** The first one. */
    hub,
    /** The runner of {@link HOST}. @throws Error if none was started */
    get runner(): RunnerProcess {
      if (runner === null) throw new Error('this bed has no runner of its own');
      return runner;
    },
    /** An operator's connection, as `redis-cli` has one. */
    operator: operator.redis,
    addRunner,
    untilOffered,
    writeAction,
    post,
    create,
    read,
    until,
    untilRunning: (id: string) => until(id, `task ${id} to run`, ({ status }) => status === 'running'),
    untilEnded: (id: string, deadlineMs?: number) =>
      until(id, `the end of task ${id}`, ({ status }) => hasEnded(status), deadlineMs),
    cancel: (id: string, by: HubProcess = hub) => send(by, 'POST', `/tasks/${id}/cancel`),
    /** The lines that are kept, up to 5,000. */
    log,
    /** Waits until a line of its output is in the log. */
    untilSaid: (id: string, text: string) =>
      eventually(async () => (await log(id)).some((line) => line.text === text), {
        what: `the task to say "${text}"`,
      }),
    /** The entries of `booner:events` of one task, oldest first. */
    events: async (id: string): Promise<readonly Readonly<Record<string, string>>[]> =>
      (await operator.redis.xrange('booner:events', '-', '+'))
        .map(([, fields]) => fieldsOf(fields))
        .filter(({ task }) => task === id),
    [Symbol.asyncDispose]: () => owner.disposeAsync(),
  };
}

/** A request to a hub with a JSON body, and its JSON answer. */
export async function send(
  hub: HubProcess,
  method: string,
  path: string,
  {
    body,
    headers = {},
  }: { readonly body?: object; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<Answer> {
  const response = await hub.get(path, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** The fields of a stream's entry by name. */
export function fieldsOf(flat: readonly string[]): Record<string, string> {
  const fields: Record<string, string> = {};
  for (let at = 0; at + 1 < flat.length; at += 2) fields[flat[at]!] = flat[at + 1]!;
  return fields;
}
