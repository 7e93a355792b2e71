import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch, launchOnSomePort, type StartRedisOptions } from './redis-launch.ts';

const STOP_DEADLINE_MS = 60_000;

/** A real Redis on loopback. Disposing of it kills it and removes its temporary directory. */
export type RedisServer = AsyncDisposable & {
  readonly url: string;
  readonly port: number;
  /** Process id. It changes with a restart. */
  readonly pid: number;
  readonly directory: string;
  /** Sends a signal, and waits for the end of the process if the signal ends it. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Stops it gracefully: SIGTERM, and SIGKILL after 60 s. */
  stop(): Promise<void>;
  /** Restarts it on the same port and directory, whether or not it is running. */
  restart(): Promise<void>;
  /** SIGSTOP: the kernel keeps connections open and accepts new ones, but nothing answers. */
  freeze(): void;
  thaw(): void;
};

/**
 * Starts `redis-server` on a free port and waits until it answers PING.
 * @throws Error with the command that installs it, when it is not installed
 */
export async function startRedis(options: StartRedisOptions = {}): Promise<RedisServer> {
  await using resources = new AsyncDisposableStack();
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'booner-redis-')));
  if (options.directory === undefined) {
    resources.defer(() => rm(directory, { recursive: true, force: true }));
  }
  if (options.acl !== undefined) await writeFile(join(directory, 'users.acl'), options.acl);
  const launched = await launchOnSomePort(directory, options);
  const { port } = launched;
  let { server } = launched;
  resources.defer(() => server[Symbol.asyncDispose]());
  const end = async (signal: NodeJS.Signals) => {
    server.kill(signal);
    if (signal !== 'SIGKILL') server.kill('SIGCONT'); // a frozen server heeds no other signal
    const timer = setTimeout(() => server.kill('SIGKILL'), STOP_DEADLINE_MS);
    await server.exited;
    clearTimeout(timer);
  };
  const owned = resources.move();
  return {
    url: `${options.tls === undefined ? 'redis' : 'rediss'}://127.0.0.1:${port}`,
    port,
    get pid() {
      return server.pid;
    },
    directory,
    kill: async (signal) => {
      if (['SIGTERM', 'SIGINT', 'SIGKILL', 'SIGQUIT', 'SIGABRT'].includes(signal)) await end(signal);
      else server.kill(signal);
    },
    stop: () => end('SIGTERM'),
    restart: async () => {
      if (!server.hasExited()) await end('SIGTERM');
      server = await launch(port, directory, options);
    },
    freeze: () => server.kill('SIGSTOP'),
    thaw: () => server.kill('SIGCONT'),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
