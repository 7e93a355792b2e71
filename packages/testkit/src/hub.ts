import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Daemon, DaemonEndedError, daemonOf, startDaemon, stopIfRunning } from './daemon.ts';
import { eventually } from './eventually.ts';
import { freePort, isFree } from './free-port.ts';

const PORT_ATTEMPTS = 5;
const ANSWER_DEADLINE_MS = 60_000;

export type StartHubOptions = {
  /** Absent: embedded mode. */
  readonly redisUrl?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly args?: readonly string[];
  /**
   * Requires sign-in: with the first admin token, which this hub creates, or with that of another
   * hub of the same Redis.
   */
  readonly auth?: 'first' | { readonly adminToken: string };
};

export type HubProcess = Daemon & {
  /** Such as `http://127.0.0.1:20123`. */
  readonly url: string;
  /** The hub's URL with `ws:`, without a path. */
  readonly wsUrl: string;
  readonly port: number;
  /** Empty for a hub without authentication. */
  readonly adminToken: string;
  /** Sends a GET request. Resolves with any status, and rejects after 60 s. */
  get(path: string, init?: RequestInit): Promise<Response>;
  /** Restarts it on the same port, whether or not it is running. */
  restart(): Promise<void>;
};

/**
 * Starts a hub on loopback, on a free port unless `PORT` names one.
 * @throws DaemonEndedError when it ends before it listens
 */
export async function startHub(options: StartHubOptions = {}): Promise<HubProcess> {
  await using starting = new AsyncDisposableStack();
  const stateDirectory = await mkdtemp(join(tmpdir(), 'booner-hub-'));
  starting.defer(() => rm(stateDirectory, { recursive: true, force: true }));
  const launched = withState(options, stateDirectory);
  let { process, url, port } = await launchOnSomePort(launched);
  starting.defer(() => process[Symbol.asyncDispose]());
  const readToken = () => (options.auth === 'first' ? readAdminToken(stateDirectory) : null);
  let adminToken = (await readToken()) ?? (typeof options.auth === 'object' ? options.auth.adminToken : '');
  const stack = starting.move();
  return daemonOf(() => process, {
    url,
    wsUrl: url.replace(/^http/, 'ws'),
    port,
    get adminToken() {
      return adminToken;
    },
    get: (path: string, init?: RequestInit) =>
      fetch(new URL(path, url), { signal: AbortSignal.timeout(ANSWER_DEADLINE_MS), ...init }),
    restart: async () => {
      await stopIfRunning(process);
      ({ process, url, port } = await launch(launched, port));
      // Without Redis each start is a first one.
      if (options.redisUrl === undefined) adminToken = (await readToken()) ?? adminToken;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  });
}

/** Gives the hub a state directory of its own, where it also puts the first admin token. */
function withState(options: StartHubOptions, stateDirectory: string): StartHubOptions {
  const auth = options.auth === undefined ? {} : { BOONER_AUTH: 'required' };
  return {
    ...options,
    env: { BOONER_STATE_DIR: stateDirectory, BOONER_HISTORY_DIR: 'off', ...auth, ...options.env },
  };
}

/** Reads the token and removes its file, as an operator does. */
async function readAdminToken(stateDirectory: string): Promise<string> {
  const path = join(stateDirectory, 'admin-token');
  const token = await eventually(() => readFile(path, 'utf8').catch(() => null), {
    what: 'the first admin token',
  });
  await rm(path);
  return token.trim();
}

/** Tries another port if another process takes the first one before the hub does. */
async function launchOnSomePort(options: StartHubOptions) {
  if (options.env?.PORT !== undefined) return launch(options, Number(options.env.PORT));
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      return await launch(options, port);
    } catch (error) {
      const isTaken = error instanceof DaemonEndedError && !(await isFree(port));
      if (!isTaken || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

async function launch({ redisUrl, env, args }: StartHubOptions, wantedPort: number) {
  const { process, started } = await startDaemon({
    app: 'hub',
    args,
    env: { REDIS_URL: redisUrl, ...env, PORT: `${wantedPort}` },
    startedField: 'url',
  });
  const url = String(started.url);
  return { process, url, port: Number(new URL(url).port) };
}
