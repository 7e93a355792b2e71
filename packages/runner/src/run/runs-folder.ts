import { chmod, lstat, mkdir, mkdtemp, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@booner/service';
import { findOwnerIssue, runnerUid } from '../accounts/check-ownership.ts';
import { RunnerError } from '../runner-error.ts';
import { lockDirectory } from '../state/lock-directory.ts';

/** Candidates for the folder of the run directories. */
export type RunsPlaces = {
  /** Folders that this runner alone uses; the first usable one is taken. */
  readonly kept: readonly string[];
  /**
   * Parents of a folder that lasts until this process ends, if `kept` is empty; the first writable
   * one is taken.
   */
  readonly temporaryIn: readonly string[];
};

export type RunsFolder = AsyncDisposable & {
  /** True if it outlives this process. */
  readonly isKept: boolean;
  /**
   * Returns the path of the folder, creating it if necessary.
   * @throws Error of the system
   */
  prepare(): Promise<string>;
};

/** Lets accounts of actions pass through to their own directory without listing others. */
const PASS_THROUGH = 0o711;

/**
 * Opens the folder of the run directories. Only this process's account can add, rename or remove
 * its entries.
 * @throws RunnerError `state_locked` or `state_unusable` if no folder in `kept` can be used
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
      logger.warn({ directory: path, instead, err: cause }, 'run directories cannot be created there');
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
  const issue = findOwnerIssue(path, stats, uid);
  if (issue !== null) throw new RunnerError('state_unusable', issue);
  // The umask of the process applied when the folder was created.
  if (uid !== null && stats.uid === uid && (stats.mode & 0o777) !== PASS_THROUGH) {
    await chmod(path, PASS_THROUGH);
  }
}

function temporaryFolder(parents: readonly string[]): RunsFolder {
  /** Shared by runs that start at the same time. */
  let folder: Promise<string> | null = null;
  const make = async () => {
    let problem: unknown = new Error('no folder is configured');
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
        // A cleanup of temporary folders may have removed it.
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
  return new RunnerError('state_unusable', `run directories cannot be created in ${path}: ${message}`, {
    cause,
  });
}
