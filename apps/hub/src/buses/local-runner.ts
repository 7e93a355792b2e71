import { tmpdir } from 'node:os';
import type { MemoryBus } from '@booner/bus/memory';
import type { HostId } from '@booner/protocol';
import type { Logger } from '@booner/service';
import { EXAMPLES_DIRECTORY } from '../config/program-files.ts';

export type LocalRunnerOptions = {
  readonly bus: MemoryBus;
  readonly host: HostId;
  /** `null`: the examples of the program. */
  readonly actionsDirectory: string | null;
  /**
   * State directory of the hub, for run directories if the system's temporary folder is read-only.
   */
  readonly stateDirectory: string;
  readonly version: string;
  readonly log: Logger;
};

const CONCURRENCY = 4;
/** The hub has 5 s to stop, and its tasks must end before it. */
const STOP_WITHIN_MS = 1500;

/**
 * Starts the runner of the hub's machine: the runner of a target, in this process. Its code is
 * loaded on demand, so a hub with Redis never loads it.
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
