import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunnerBus, RunnerListener } from '@booner/bus';
import type { HostId } from '@booner/protocol';
import { newInstanceId } from '@booner/protocol/instance-id';
import { aborted, type Logger } from '@booner/service';
import { createExecutor } from './execute/executor.ts';
import { recoverAttempts } from './execute/recover-attempts.ts';
import type { RunPolicy } from './process/run-policy.ts';
import type { Actions } from './run/actions.ts';
import { createLocalActions } from './run/local-actions.ts';
import type { RunsPlaces } from './run/runs-folder.ts';
import { createOpenSealed } from './state/open-sealed.ts';
import { openState } from './state/open-state.ts';
import { createUnsealParams } from './state/unseal-params.ts';
import { createUnsealSecrets } from './state/unseal-secrets.ts';

export type StartRunnerOptions = {
  readonly host: HostId;
  readonly actionsDirectory: string;
  /** True if the folder is the program's own: owners and modes are not checked. Default false. */
  readonly trusted?: boolean;
  /**
   * Keeps identity and journal. `null`: they end with this process, and the next start does not
   * know about runs that were killed.
   */
  readonly stateDirectory: string | null;
  /**
   * Folder of the run directories, for this runner alone. Default, and fallback if it cannot be
   * used: `runs` in the state directory. Without a state directory: a temporary folder.
   */
  readonly runsDirectory?: string | null;
  /** Parents of the temporary folder; the first writable one is used. Default: the system's. */
  readonly temporaryDirectories?: readonly string[];
  /** Maximum number of runs at a time. */
  readonly concurrency: number;
  /** Version of the program. */
  readonly version: string;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  /**
   * Starts the runner's side of the bus. `instance` is a secret between the runner and the hubs.
   */
  readonly startBus: (instance: string, listener: RunnerListener) => RunnerBus | Promise<RunnerBus>;
  readonly policy: RunPolicy;
  /**
   * Opens actions that another process runs. Then `actionsDirectory` and the folders of run
   * directories are not used. Default: this process runs them.
   */
  readonly openActions?: () => Promise<Actions>;
};

/**
 * A running runner. Disposing of it takes no more tasks, ends the runs of actions with
 * `onStop: fail`, waits for the others however long they take, and reports their ends.
 */
export type Runner = AsyncDisposable;

/**
 * Starts a runner, which runs the tasks that its host is offered. Returns when the bus has been
 * started, even if it cannot be reached.
 * @param signal starts the stop early; the runner must be disposed of all the same
 * @throws RunnerError `state_locked` or `state_unusable`; what `startBus` and `openActions` throw
 */
export async function startRunner(
  options: StartRunnerOptions,
  { signal }: { signal?: AbortSignal } = {},
): Promise<Runner> {
  const { host, actionsDirectory, version, policy, logger } = options;
  await using starting = new AsyncDisposableStack();
  const { identity, journal } = starting.use(await openState(options.stateDirectory, { logger }));
  const instance = `${identity.state}.${newInstanceId()}`;
  const openActions = options.openActions ?? (async () => localActions(options));
  const actions = starting.use(await openActions());
  await recoverAttempts({ journal, actions, logger });
  const { kty, crv, x } = identity.privateKey;
  const openSealed = await createOpenSealed(identity);
  const executor = createExecutor({
    host,
    instance,
    journal,
    unsealParams: createUnsealParams(openSealed),
    unsealSecrets: createUnsealSecrets(host, openSealed),
    actions,
    concurrency: options.concurrency,
    presence: { version, publicKey: { kty, crv, x } },
    policy,
    logger,
  });
  let offered: readonly string[] = [];
  await actions.serve((served) => {
    offered = [...served.keys()];
    executor.onActions(served);
  });
  const bus = starting.use(await options.startBus(instance, executor.listener));
  starting.defer(() => bus.leave());
  executor.start(bus);
  logger.info(
    {
      host,
      state: options.stateDirectory ?? undefined,
      directory: options.openActions === undefined ? actionsDirectory : undefined,
      actions: offered,
      publicKey: x,
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

function localActions(options: StartRunnerOptions): Actions {
  const { actionsDirectory: directory, trusted = false, policy, logger } = options;
  return createLocalActions({ directory, trusted, runs: runsPlacesOf(options), policy, logger });
}

function runsPlacesOf(options: StartRunnerOptions): RunsPlaces {
  const { stateDirectory, runsDirectory = null, temporaryDirectories = [tmpdir()] } = options;
  const kept = [runsDirectory, stateDirectory === null ? null : join(stateDirectory, 'runs')];
  return { kept: kept.filter((path) => path !== null), temporaryIn: temporaryDirectories };
}
