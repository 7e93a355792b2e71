import { writeFile } from 'node:fs/promises';
import { connect as dial, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as dialTls } from 'node:tls';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { type RunningProcess, startProcess } from './process.ts';
import type { TlsFiles } from './tls-files.ts';

const PORT_ATTEMPTS = 5;

export type StartRedisOptions = {
  /** More arguments of `redis-server`, such as `['--maxmemory', '10mb']`. */
  readonly args?: readonly string[];
  /** Content of an ACL file: `user NAME …` lines. */
  readonly acl?: string;
  /** Keeps data over a restart (`appendfsync everysec`). Default: nothing is kept. */
  readonly appendonly?: boolean;
  /** Speaks TLS, and TLS alone. */
  readonly tls?: TlsFiles;
  /** Default: a free one. */
  readonly port?: number;
  /** Directory that outlives this server. Default: a temporary one, removed at the end. */
  readonly directory?: string;
  /** Runs as a Sentinel with this configuration (`sentinel monitor …`). */
  readonly sentinel?: readonly string[];
};

class PortTakenError extends Error {}

/** Launches on the port asked for, or else on free ones until none came first. */
export async function launchOnSomePort(directory: string, options: StartRedisOptions) {
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await freePort());
    try {
      return { port, server: await launch(port, directory, options) };
    } catch (error) {
      if (!(error instanceof PortTakenError) || options.port !== undefined || attempt === PORT_ATTEMPTS)
        throw error;
    }
  }
}

/** Runs `redis-server` and waits until it answers PING. */
export async function launch(
  port: number,
  directory: string,
  options: StartRedisOptions,
): Promise<RunningProcess> {
  const server = await startRedisProcess(await redisArguments(port, directory, options), directory);
  try {
    await eventually(() => server.hasExited() || (isListening(server) && answersPing(port, options.tls)), {
      what: `an answer to PING from redis-server on port ${port}`,
    });
    if (server.hasExited()) {
      await server.exited;
      const said = [...server.lines.stdout, ...server.lines.stderr].join('\n');
      if (/Address already in use/.test(said)) throw new PortTakenError(`port ${port} is taken`);
      throw new Error(`redis-server ended at once; it said:\n${said}`);
    }
    return server;
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

/** Returns whether this server has its port, since another process could be answering there. */
const isListening = (server: RunningProcess) =>
  server.lines.stdout.some((line) => /ready to accept connections|Sentinel ID is/i.test(line));

async function startRedisProcess(args: readonly string[], cwd: string): Promise<RunningProcess> {
  try {
    return await startProcess({ command: 'redis-server', args, cwd });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Error(
      'redis-server is not installed; on Debian and Ubuntu `apt-get install redis-server` installs it',
      { cause: error },
    );
  }
}

async function redisArguments(
  port: number,
  directory: string,
  options: StartRedisOptions,
): Promise<string[]> {
  const { tls, sentinel, acl, appendonly = false, args = [] } = options;
  const listening =
    tls === undefined
      ? ['--port', `${port}`]
      : ['--port', '0', '--tls-port', `${port}`, '--tls-cert-file', tls.certificateFile].concat([
          '--tls-key-file',
          tls.keyFile,
          '--tls-ca-cert-file',
          tls.caFile,
          '--tls-auth-clients',
          'no',
        ]);
  const shared = [...listening, '--bind', '127.0.0.1', '--dir', directory, '--daemonize', 'no'];
  if (sentinel !== undefined) {
    // A Sentinel rewrites its own configuration.
    const configuration = join(directory, `sentinel-${port}.conf`);
    await writeFile(configuration, `${sentinel.join('\n')}\n`);
    return [configuration, '--sentinel', ...shared, ...args];
  }
  const persistence = ['--save', '', '--appendonly', appendonly ? 'yes' : 'no'];
  const users = acl === undefined ? [] : ['--aclfile', join(directory, 'users.acl')];
  return [...shared, ...persistence, ...users, ...args];
}

/** Returns whether the server answers. A request for a password counts, "loading" does not. */
function answersPing(port: number, tls: TlsFiles | undefined): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const target = { port, host: '127.0.0.1' };
    const socket: Socket = tls === undefined ? dial(target) : dialTls({ ...target, ca: tls.ca });
    socket.setTimeout(1000, () => socket.destroy(new Error('no answer')));
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed without an answer')));
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => socket.write('PING\r\n'));
    socket.once('data', (answer) => {
      socket.destroy();
      resolve(/^(\+PONG|-NOAUTH|-DENIED)/.test(answer.toString()));
    });
  });
}
