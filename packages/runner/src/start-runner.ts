import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunnerBus, RunnerListener } from '@booner/bus';
import type { HostId } from '@booner/protocol';
import { newInstanceId } from '@booner/protocol/instance-id';
import { aborted, type Logger } from '@booner/service';
import { type Executor, startExecutor } from './execute/executor.ts';
import { keepCatalogue } from './execute/keep-catalogue.ts';
import { offeredActions } from './execute/offered-actions.ts';
import { recoverAttempts } from './execute/recover-attempts.ts';
import { openRunDirectories } from './execute/run-directories.ts';
import type { RunsPlaces } from './execute/runs-folder.ts';
import type { RunPolicy } from './process/run-policy.ts';
import { createThrottle } from './report/throttle.ts';
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

const PRESENT_EVERY_MS = 200;

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
  const ready = Promise.withResolvers<Executor>();
  const tell = (hand: (executor: Executor) => void) => void ready.promise.then(hand);
  const { identity, journal } = starting.use(await openState(options.stateDirectory, { logger }));
  const instance = `${identity.state}.${newInstanceId()}`;
  await recoverAttempts({ journal, graceMs: policy.graceMs, logger });
  const directories = starting.use(await openRunDirectories(runsPlacesOf(options), { logger }));
  const catalogue = starting.use(
    await keepCatalogue({
      directory: actionsDirectory,
      trusted,
      logger,
      onChange: () =>
        tell((it) => {
          it.onCatalogue();
          presence.request();
        }),
    }),
  );

  const bus = starting.use(await options.startBus(instance, listenerOf(tell, host, logger)));
  starting.defer(() => bus.leave());
  const { kty, crv, x } = identity.privateKey;
  const presence = createThrottle(
    async () =>
      bus.present({
        version,
        running: [...executor.running()],
        actions: offeredActions(catalogue.current()),
        publicKey: { kty, crv, x },
      }),
    { minGapMs: PRESENT_EVERY_MS },
  );
  starting.defer(presence.stop);
  const executor = startExecutor({
    host,
    instance,
    bus,
    journal,
    unsealParams: await createUnsealParams(identity),
    directories,
    concurrency: options.concurrency,
    catalogue: catalogue.current,
    onRunning: () => presence.request(),
    policy,
    logger,
  });
  presence.request();
  ready.resolve(executor);
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

/** Hands on what the bus says, from the moment that there is somebody to hear it. */
function listenerOf(
  tell: (hand: (executor: Executor) => void) => void,
  host: HostId,
  logger: Pick<Logger, 'info' | 'warn' | 'error'>,
): RunnerListener {
  let isServing = true;
  return {
    onOffer: (offer) => tell((it) => it.onOffer(offer)),
    onControl: (message) => tell((it) => it.onControl(message)),
    onServing: (serving) => {
      if (!serving && isServing) logger.error({ host }, 'another runner serves this host: this one waits');
      if (serving && !isServing) logger.info({ host }, 'this runner serves its host again');
      isServing = serving;
      tell((it) => it.onServing(serving));
    },
    onConnection: (connection) => tell((it) => it.onConnection(connection)),
  };
}
