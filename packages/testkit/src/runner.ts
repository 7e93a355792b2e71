import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Daemon, daemonOf, startDaemon, stopIfRunning } from './daemon.ts';

export type StartRunnerOptions = {
  readonly redisUrl: string;
  readonly hostId: string;
  readonly actionsDirectory: string;
  /** Default: a temporary folder. */
  readonly stateDirectory?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
};

export type RunnerProcess = Daemon & {
  readonly hostId: string;
  readonly stateDirectory: string;
  /** Restarts it with the same state, whether or not it is running. */
  restart(): Promise<void>;
};

/**
 * Starts a runner. Returns when it has read its actions, whether or not Redis is reachable.
 * @throws DaemonEndedError when it ends before that
 */
export async function startRunner(options: StartRunnerOptions): Promise<RunnerProcess> {
  const { redisUrl, hostId, actionsDirectory, env } = options;
  const temporary =
    options.stateDirectory === undefined ? await mkdtemp(join(tmpdir(), 'booner-runner-')) : null;
  const stateDirectory = options.stateDirectory ?? (temporary as string);
  const launch = () =>
    startDaemon({
      app: 'runner',
      env: {
        REDIS_URL: redisUrl,
        BOONER_HOST_ID: hostId,
        BOONER_ACTIONS_DIR: actionsDirectory,
        BOONER_STATE_DIR: stateDirectory,
        ...env,
      },
      startedField: 'actions',
    });
  let { process } = await launch();
  return daemonOf(() => process, {
    hostId,
    stateDirectory,
    restart: async () => {
      await stopIfRunning(process);
      ({ process } = await launch());
    },
    [Symbol.asyncDispose]: async () => {
      await process[Symbol.asyncDispose]();
      if (temporary !== null) await rm(temporary, { recursive: true, force: true });
    },
  });
}
