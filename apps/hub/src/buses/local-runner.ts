import { tmpdir } from 'node:os';
import type { MemoryBus } from '@booner/bus/memory';
import type { HostId } from '@booner/protocol';
import type { Logger } from '@booner/service';
import { EXAMPLES_DIRECTORY } from '../config/program-files.ts';

export type LocalRunnerOptions = {
  readonly bus: MemoryBus;
  readonly host: HostId;
  /** `null`: the examples that come with the program. */
  readonly actionsDirectory: string | null;
  /** The hub's. It holds run directories if the system's folder for temporary files is read-only. */
  readonly stateDirectory: string;
  readonly version: string;
  readonly log: Logger;
};

const CONCURRENCY = 4;
/** The hub has 5 s to stop, and its tasks do not outlive it. */
const STOP_WITHIN_MS = 1500;

/**
 * Starts the runner of the hub's machine: the runner of a target, in this process. Its code is
 * loaded here, so that a hub of a fleet does not hold it.
 */
export async function startLocalRunner(options: LocalRunnerOptions): Promise<AsyncDisposable> {
  const { bus, host, actionsDirectory, stateDirectory, version, log } = options;
  const { DEFAULT_RUN_POLICY, startRunner } = await import('@booner/runner');
  return startRunner({
    host,
    actionsDirectory: actionsDirectory ?? EXAMPLES_DIRECTORY,
    trusted: actionsDirectory === null, // the examples are part of this program
    stateDirectory: null,
    temporaryDirectories: [tmpdir(), stateDirectory],
    concurrency: CONCURRENCY,
    policy: { ...DEFAULT_RUN_POLICY, stopWithinMs: STOP_WITHIN_MS },
    version,
    logger: log,
    startBus: (instance, listener) => bus.startRunner({ host, instance, listener }),
  });
}
