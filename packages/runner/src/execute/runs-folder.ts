import { chmod, lstat, mkdir, mkdtemp, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@booner/service';
import { faultOfOwner, runnerUid } from '../accounts/check-ownership.ts';
import { RunnerError } from '../runner-error.ts';
import { lockDirectory } from '../state/lock-directory.ts';

/** Places for the folder of the run directories. */
export type RunsPlaces = {
  /** Folders for one runner alone; the first that can be used is used. */
  readonly kept: readonly string[];
  /**
   * Where a folder for this start alone is made when `kept` is empty; the first that can be
   * written.
   */
  readonly temporaryIn: readonly string[];
};

export type RunsFolder = AsyncDisposable & {
  /** True if it outlives this process. */
  readonly isKept: boolean;
  /**
   * Returns the folder's path; makes the folder where it is missing.
   * @throws Error of the system
   */
  prepare(): Promise<string>;
};

/** Accounts of actions can pass through to a directory of their own, and can list nothing. */
const PASS_THROUGH = 0o711;

/**
 * Opens the folder that the run directories lie in. Only this process's account can add to it,
 * rename in it or remove from it.
 * @throws RunnerError `state_locked` or `state_unusable` when none of the `kept` ones can be used
 */
export async function openRunsFolder(
  { kept, temporaryIn }: RunsPlaces,
  { logger }: { readonly logger: Pick<Logger, 'warn'> },
): Promise<RunsFolder> {
  if (kept.length === 0) return temporaryFolder(temporaryIn);
  const rest = [...kept];
  for (;;) {
    const path = rest.shift() as string;
    try {
      return await openKept(path);
    } catch (cause) {
      const [instead] = rest;
      if (instead === undefined) throw unusable(path, cause);
      logger.warn({ directory: path, instead, err: cause }, 'run directories cannot be made there');
    }
  }
}

async function openKept(path: string): Promise<RunsFolder> {
  await makeKept(path);
  const lock = await lockDirectory(path);
  return {
    isKept: true,
    prepare: async () => {
      await makeKept(path);
      return path;
    },
    [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose](),
  };
}

async function makeKept(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: PASS_THROUGH });
  const stats = await lstat(path);
  const uid = runnerUid();
  if (!stats.isDirectory()) throw new RunnerError('state_unusable', `${path} is not a folder`);
  const fault = faultOfOwner(path, stats, uid);
  if (fault !== null) throw new RunnerError('state_unusable', fault);
  // The umask of the process counts when a folder is made.
  if (uid !== null && stats.uid === uid && (stats.mode & 0o777) !== PASS_THROUGH) {
    await chmod(path, PASS_THROUGH);
  }
}

function temporaryFolder(parents: readonly string[]): RunsFolder {
  /** One for all runs that begin at once. */
  let folder: Promise<string> | null = null;
  const make = async () => {
    let problem: unknown = new Error('no folder was named for it');
    for (const parent of parents) {
      try {
        const made = await mkdtemp(join(parent, 'booner-runs-'));
        await chmod(made, PASS_THROUGH);
        return made;
      } catch (error) {
        problem = error;
      }
    }
    throw problem;
  };
  const isThere = async (folder: string) => (await lstat(folder).catch(() => null))?.isDirectory() === true;
  return {
    isKept: false,
    prepare: () => {
      const before = folder;
      folder = (async () => {
        const path = await before?.catch(() => null);
        // Whatever tidies up temporary folders may have taken it away.
        return path && (await isThere(path)) ? path : make();
      })();
      return folder;
    },
    [Symbol.asyncDispose]: async () => {
      const path = await folder?.catch(() => null);
      // Not empty where a run directory could not be removed, which is logged.
      if (path) await rmdir(path).catch(() => {});
    },
  };
}

function unusable(path: string, cause: unknown): RunnerError {
  if (cause instanceof RunnerError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new RunnerError('state_unusable', `run directories cannot be made in ${path}: ${message}`, {
    cause,
  });
}
