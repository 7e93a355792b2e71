import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { enrollerRules, hubRules } from '@booner/bus/redis/acl/hub-users';
import { aclFileLine } from '@booner/bus/redis/acl/redis-user';
import { hashSecret } from '@booner/bus/secrets';
import {
  eventually,
  type HubProcess,
  type RedisServer,
  type StartRedisOptions,
  startAgent,
  startHub,
  startProcess,
  startRedis,
  startRunner,
} from '@booner/testkit';
import { connectOperator } from '../fleet/operator.ts';
import { type Answer, ask } from './asking.ts';

const INTERVAL_MS = '500';

export type EnrolledBedOptions = {
  readonly redis?: Omit<StartRedisOptions, 'acl' | 'directory'>;
  /** Starts Redis with these user lines, in place of a single server. */
  readonly start?: (users: string, connect: ConnectOperator) => Promise<StartedRedis>;
  /**
   * `file` (default): Redis keeps its users in an `aclfile`. `configuration`: it knows the hubs'
   * users from its configuration and forgets others.
   */
  readonly users?: 'file' | 'configuration';
  /** Gives the hubs an enroller; default true. */
  readonly enroller?: boolean;
  /** Number of hubs that share the Redis; default 1. */
  readonly hubs?: number;
  readonly hubEnv?: Readonly<Record<string, string>>;
};

export type ConnectOperator = (to: RedisServer) => ReturnType<typeof connectOperator>;

export type StartedRedis = AsyncDisposable & {
  /** The initial master. */
  readonly redis: RedisServer;
  /** The URL with which hubs and hosts find it. */
  readonly url: string;
};

/** The text answer of `POST /enrol`, parsed. */
export type Handed = Readonly<Record<string, string>>;

/**
 * Starts a Redis with the users of docs/redis.md, whose user `default` is off, and hubs that
 * require sign-in. Only the user `operator` may do everything.
 */
export async function startEnrolledBed(options: EnrolledBedOptions = {}) {
  const { users = 'file', enroller = true, hubEnv = {} } = options;
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'booner-enrolled-'));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  let files = 0;
  const keep = async (secret: string) => {
    const file = join(directory, `secret-${files++}`);
    await writeFile(file, secret, { mode: 0o600 });
    return file;
  };
  const newPassword = () => randomBytes(32).toString('base64url');
  const [hubPassword, enrollerPassword, operatorPassword] = [newPassword(), newPassword(), newPassword()];
  const lines = [
    'user default off ~* &* +@all', // with its rights: see docs/redis.md on what Redis 7.0 loses without them
    `user operator on >${operatorPassword} ~* &* +@all`,
    aclFileLine(hubRules(hashSecret(hubPassword))),
    aclFileLine(enrollerRules(hashSecret(enrollerPassword))),
    '',
  ].join('\n');
  const connectTo: ConnectOperator = ({ url }) =>
    connectOperator(url.replace('//', `//operator:${operatorPassword}@`));
  const startAlone = async (): Promise<StartedRedis> => {
    const included = join(directory, 'users.conf');
    await writeFile(included, lines);
    const alone = await startRedis({
      ...options.redis,
      directory: await mkdtemp(join(directory, 'redis-')),
      ...(users === 'file'
        ? { acl: lines }
        : { args: [...(options.redis?.args ?? []), '--include', included] }),
    });
    return { redis: alone, url: alone.url, [Symbol.asyncDispose]: () => alone[Symbol.asyncDispose]() };
  };
  const { redis, url: redisUrl } = stack.use(await (options.start?.(lines, connectTo) ?? startAlone()));
  const env = {
    BOONER_INTERVAL_MS: INTERVAL_MS,
    REDIS_USERNAME: 'booner-hub',
    REDIS_PASSWORD_FILE: await keep(hubPassword),
    REDIS_CA_FILE: options.redis?.tls?.caFile,
    ...(enroller
      ? {
          BOONER_ENROLLER_USERNAME: 'booner-enroller',
          BOONER_ENROLLER_PASSWORD_FILE: await keep(enrollerPassword),
        }
      : {}),
    ...hubEnv,
  };
  const hub = stack.use(await startHub({ redisUrl, env, auth: 'first' }));
  const hubs: HubProcess[] = [hub];
  while (hubs.length < (options.hubs ?? 1)) {
    hubs.push(stack.use(await startHub({ redisUrl, env, auth: { adminToken: hub.adminToken } })));
  }
  const owned = stack.move();

  const asAdmin = (method: string, path: string, body?: object, by = hub): Promise<Answer> =>
    ask(by, method, path, { token: hub.adminToken, ...(body === undefined ? {} : { body }) });
  const enrol = async (key: string, roles: readonly string[] = ['agent']) => {
    const response = await hub.get('/enrol', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/plain' },
      body: JSON.stringify({ key, roles }),
    });
    return { status: response.status, text: await response.text() };
  };
  const add = async (target: {
    readonly host: string;
    readonly withTasks?: boolean;
    readonly label?: string;
    readonly replace?: boolean;
  }) => {
    const { status, json } = await asAdmin('POST', '/targets', target);
    if (status !== 201) throw new Error(`not added: ${status} ${JSON.stringify(json)}`);
    return json;
  };
  /** Adds a host, and enrols it as the installer does. */
  const enrolHost = async (target: Parameters<typeof add>[0]): Promise<Handed> => {
    const { key } = await add(target);
    const { status, text } = await enrol(key, target.withTasks === true ? ['agent', 'runner'] : ['agent']);
    if (status !== 200) throw new Error(`not enrolled: ${status} ${text}`);
    return Object.fromEntries(
      text
        .trimEnd()
        .split('\n')
        .map((line) => line.split(/=(.*)/s, 2)),
    );
  };
  const loginOf = async (handed: Handed, role: 'AGENT' | 'RUNNER') => ({
    REDIS_USERNAME: handed[`${role}_USERNAME`],
    REDIS_PASSWORD_FILE: await keep(handed[`${role}_PASSWORD`] ?? ''),
    REDIS_CA_FILE: options.redis?.tls?.caFile,
  });
  return {
    directory,
    redis,
    hub,
    hubs,
    asAdmin,
    add,
    enrol,
    enrolHost,
    /** Starts a host's agent with its enrolment. */
    startAgent: async (handed: Handed, agentEnv: Readonly<Record<string, string>> = {}) =>
      owned.use(
        await startAgent({
          redisUrl: handed.REDIS_URL ?? '',
          hostId: handed.HOST_ID ?? '',
          env: { BOONER_INTERVAL_MS: INTERVAL_MS, ...(await loginOf(handed, 'AGENT')), ...agentEnv },
        }),
      ),
    startRunner: async (
      handed: Handed,
      actionsDirectory: string,
      runnerEnv: Readonly<Record<string, string>> = {},
    ) =>
      owned.use(
        await startRunner({
          redisUrl: handed.REDIS_URL ?? '',
          hostId: handed.HOST_ID ?? '',
          actionsDirectory,
          env: { ...(await loginOf(handed, 'RUNNER')), ...runnerEnv },
        }),
      ),
    untilStatus: (host: string, status: string, by = hub, deadlineMs = 60_000) =>
      eventually(
        async () => (await asAdmin('GET', `/targets/${host}`, undefined, by)).json?.status === status,
        {
          deadlineMs,
          what: `${host} to be ${status}`,
        },
      ),
    /** Runs `redis-cli` as a user. Resolves with its output. */
    redisCli: (login: { readonly username: string; readonly password: string }, ...args: readonly string[]) =>
      redisCli(redis, login, args),
    /** An operator's connection. */
    connectOperator: (to = redis) => connectTo(to),
    operator: { username: 'operator', password: operatorPassword },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function redisCli(
  { port }: RedisServer,
  { username, password }: { readonly username: string; readonly password: string },
  args: readonly string[],
): Promise<string> {
  await using cli = await startProcess({
    command: 'redis-cli',
    args: ['-p', `${port}`, '--user', username, '--no-auth-warning', ...args],
    env: { REDISCLI_AUTH: password },
  });
  await cli.exited;
  return [...cli.lines.stdout, ...cli.lines.stderr].join('\n');
}
