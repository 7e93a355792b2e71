import { tmpdir } from 'node:os';
import type { MemoryBus } from '@booner/bus/memory';
import type { HostId } from '@booner/protocol';
import type { Logger } from '@booner/service';
import { EXAMPLES_DIRECTORY } from '../config/program-files.ts';

export type EmbeddedRunnerOptions = {
  readonly bus: MemoryBus;
  readonly host: HostId;
  /** `null`: the examples that come with the program. */
  readonly actionsDirectory: string | null;
  /** The hub's. Runs get their directories there where the system's folder for temporary files cannot be written. */
  readonly stateDirectory: string;
  readonly version: string;
  readonly log: Logger;
};

const CONCURRENCY = 4;
/** The hub has 5 s to stop, and nobody will know the tasks after it. */
const STOP_WITHIN_MS = 1500;

/**
 * The runner of the hub's own machine, where there is no Redis: the same as on a target, in this process. It is loaded only here,
 * so that a hub of a fleet does not hold its code.
 */
export async function startEmbeddedRunner(options: EmbeddedRunnerOptions): Promise<AsyncDisposable> {
  const { bus, host, actionsDirectory, stateDirectory, version, log } = options;
  const { DEFAULT_RUN_POLICY, startRunner } = await import('@booner/runner');
  return startRunner({
    host,
    actionsDirectory: actionsDirectory ?? EXAMPLES_DIRECTORY,
    trusted: actionsDirectory === null, // as much as this program itself, beside which they lie
    stateDirectory: null,
    temporaryDirectories: [tmpdir(), stateDirectory],
    concurrency: CONCURRENCY,
    policy: { ...DEFAULT_RUN_POLICY, stopWithinMs: STOP_WITHIN_MS },
    version,
    logger: log,
    startBus: (instance, listener) => bus.startRunner({ host, instance, listener }),
  });
}
