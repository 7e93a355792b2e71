import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@booner/testkit';
import { run, tryRun } from '../hosts/command.ts';
import type { RunFolder } from '../hosts/run-folder.ts';

/** The address of this machine in docs/compose.md. */
const DOCUMENTED_ADDRESS = '10.0.0.1';
/** Where slirp4netns answers DNS queries. */
const NAME_SERVER = '10.0.2.3';
const START_DEADLINE_MS = 60_000;
const SHOWN_CHARACTERS = 4000;
/**
 * The engine sees a /run of its own, so it does not find the machine's engine, and leaves nothing
 * there. Its / is shared, which a container with the host's / needs.
 */
const START = 'mount --make-rshared / && mount -t tmpfs tmpfs /run && dockerd "$@" & wait';

/** A Docker engine that shares nothing with the machine's own. */
export type Engine = AsyncDisposable & {
  /** For `docker`. */
  readonly env: NodeJS.ProcessEnv;
  /** Command that runs another one on the engine's network, where its ports are published. */
  readonly onNetwork: readonly string[];
};

/**
 * Starts a Docker engine in namespaces of its own: its processes, its mounts and its network with
 * bridges, packet filters and loopback. The network reaches the outside through slirp4netns. All of
 * it ends with this process, even when that is killed.
 * @param configFolder folder of the client's configuration and plugins
 */
export async function startEngine({ name, folder }: RunFolder, configFolder: string): Promise<Engine> {
  await using starting = new AsyncDisposableStack();
  const network = `/run/netns/${name}`;
  await run(['ip', 'netns', 'add', name]);
  await run(['ip', '-n', name, 'link', 'set', 'lo', 'up']);
  await run(['ip', '-n', name, 'addr', 'add', `${DOCUMENTED_ADDRESS}/32`, 'dev', 'lo']);
  const slirpOptions = ['--configure', '--mtu=65520', '--disable-host-loopback', '--netns-type=path'];
  starting.use(
    await startBound(['slirp4netns', ...slirpOptions, network, 'tap0'], join(folder, 'slirp.log')),
  );

  const onNetwork = ['nsenter', `--net=${network}`];
  const socket = `unix://${join(folder, 'docker.sock')}`;
  await mkdir(configFolder, { recursive: true });
  await writeFile(join(folder, 'daemon.json'), '{}');
  const options = [
    ...['--config-file', join(folder, 'daemon.json'), '--pidfile', join(folder, 'docker.pid')],
    ...['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec'), '--host', socket],
    ...['--cgroup-parent', `/${name}-containers`, '--exec-opt', 'native.cgroupdriver=cgroupfs'],
    ...['--dns', NAME_SERVER],
  ];
  const namespaces = ['--mount', '--pid', '--mount-proc', '--fork', '--kill-child'];
  const log = join(folder, 'dockerd.log');
  const engine = starting.use(
    await startBound([...onNetwork, 'unshare', ...namespaces, 'sh', '-c', START, 'sh', ...options], log),
  );
  const env = { ...process.env, DOCKER_HOST: socket, DOCKER_CONFIG: configFolder };
  const isUp = async () => (await tryRun(['docker', 'version'], { env })).code === 0;
  await eventually(async () => engine.hasEnded() || (await isUp()), {
    deadlineMs: START_DEADLINE_MS,
    everyMs: 200,
    what: 'the engine to start',
  }).catch(() => {});
  if (engine.hasEnded() || !(await isUp())) {
    const said = (await readFile(log, 'utf8')).slice(-SHOWN_CHARACTERS);
    throw new Error(`the Docker engine did not start; it said:\n${said}`);
  }
  const owned = starting.move();
  return { env, onNetwork, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Starts a process that is killed when this one ends. */
async function startBound(argv: readonly string[], logFile: string) {
  const log = await open(logFile, 'w');
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...argv], {
    stdio: ['ignore', log.fd, log.fd],
    detached: true, // Ctrl-C is for the tests, which end first
  });
  const ended = once(child, 'exit');
  await once(child, 'spawn');
  await log.close();
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  return {
    hasEnded,
    [Symbol.asyncDispose]: async () => {
      if (!hasEnded()) child.kill('SIGKILL');
      await ended;
    },
  };
}
