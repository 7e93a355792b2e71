import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunnerBus, RunnerListener } from '@booner/bus';
import type { HostId } from '@booner/protocol';
import { newInstanceId } from '@booner/protocol/instance-id';
import { aborted, type Logger } from '@booner/service';
import { createExecutor } from './execute/executor.ts';
import { keepCatalogue } from './execute/keep-catalogue.ts';
import { recoverAttempts } from './execute/recover-attempts.ts';
import { openRunDirectories } from './execute/run-directories.ts';
import type { RunsPlaces } from './execute/runs-folder.ts';
import type { RunPolicy } from './process/run-policy.ts';
import { openState } from './state/open-state.ts';
import { createUnsealParams } from './state/unseal-params.ts';

export type StartRunnerOptions = {
  readonly host: HostId;
  /** Folder of the action files. */
  readonly actionsDirectory: string;
  /** Whether the folder is the program's own, so that owners and modes need no check. Default false. */
  readonly trusted?: boolean;
  /** What outlives this process; `null`: nothing does, and what it ran when it was killed is not known to the next start. */
  readonly stateDirectory: string | null;
  /**
   * Folder of the run directories, for this runner alone. Default, also where that folder cannot be used: `runs` in the state directory.
   * Without either it is a temporary one.
   */
  readonly runsDirectory?: string | null;
  /** Places for a temporary folder of the run directories: the first that can be written. Default: that of the system. */
  readonly temporaryDirectories?: readonly string[];
  /** Runs at a time. */
  readonly concurrency: number;
  /** Of the program. */
  readonly version: string;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Makes the runner's side of the bus. `instance` is a secret between the runner and the hubs. */
  readonly startBus: (instance: string, listener: RunnerListener) => RunnerBus | Promise<RunnerBus>;
  readonly policy: RunPolicy;
};

/**
 * A runner. Disposing of it stops it in good order: it takes no more tasks, ends the runs of actions that say `onStop: fail`, waits for
 * the others however long they take, and lets the hubs know.
 */
export type Runner = AsyncDisposable;

/**
 * Starts to run the tasks that a host is offered. Returns when the bus has been started, whether or not it can be reached.
 * @param signal begins the stop as disposing does, which has to be done all the same
 * @throws RunnerError `state_locked` or `state_unusable`; what `startBus` throws
 */
export async function startRunner(
  options: StartRunnerOptions,
  { signal }: { signal?: AbortSignal } = {},
): Promise<Runner> {
  const { host, actionsDirectory, trusted = false, version, policy, logger } = options;
  await using starting = new AsyncDisposableStack();
  const { identity, journal } = starting.use(await openState(options.stateDirectory, { logger }));
  const instance = `${identity.state}.${newInstanceId()}`;
  await recoverAttempts({ journal, graceMs: policy.graceMs, logger });
  const directories = starting.use(await openRunDirectories(runsPlacesOf(options), { logger }));
  const { kty, crv, x } = identity.privateKey;
  const executor = createExecutor({
    host,
    instance,
    journal,
    unsealParams: await createUnsealParams(identity),
    directories,
    concurrency: options.concurrency,
    presence: { version, publicKey: { kty, crv, x } },
    policy,
    logger,
  });
  const catalogue = starting.use(
    await keepCatalogue({
      directory: actionsDirectory,
      trusted,
      logger,
      onCatalogue: executor.onCatalogue,
    }),
  );
  const bus = starting.use(await options.startBus(instance, executor.listener));
  starting.defer(() => bus.leave());
  executor.start(bus);
  logger.info(
    {
      host,
      state: options.stateDirectory ?? undefined,
      directory: actionsDirectory,
      actions: [...catalogue.current().actions.keys()],
    },
    'runner started',
  );

  let stopped: Promise<void> | null = null;
  const stop = () => {
    stopped ??= executor.stop();
    return stopped;
  };
  starting.defer(stop);
  if (signal !== undefined) void aborted(signal).then(stop);
  const started = starting.move();
  return { [Symbol.asyncDispose]: () => started.disposeAsync() };
}

function runsPlacesOf(options: StartRunnerOptions): RunsPlaces {
  const { stateDirectory, runsDirectory = null, temporaryDirectories = [tmpdir()] } = options;
  const kept = [runsDirectory, stateDirectory === null ? null : join(stateDirectory, 'runs')];
  return { kept: kept.filter((path) => path !== null), temporaryIn: temporaryDirectories };
}
