import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TaskId } from '@booner/protocol/task-id';
import { type Logger, sleep } from '@booner/service';
import { ENVIRONMENT_SUFFIX } from '../process/environment-file.ts';
import { removeRunDirectory } from './remove-run-directory.ts';
import { openRunsFolder, type RunsPlaces } from './runs-folder.ts';

export type RunDirectories = AsyncDisposable & {
  /**
   * Makes an empty directory for one run: 0700, with a random name.
   * @throws Error of the system
   */
  make(task: TaskId): Promise<string>;
  /** Removes one in the background. Logs one that cannot be removed; the next start retries. */
  remove(directory: string): void;
  /** Removes, in the background, directories that earlier starts left of a task. */
  removeLeft(task: TaskId): void;
};

const PREFIX = 'booner-task-';
const prefixOf = (task: TaskId): string => `${PREFIX}${task}-`;
/** Longest wait for removals at a stop. */
const STOP_WAITS_MS = 1000;

/**
 * Opens the folder of the run directories, and starts to remove those that earlier starts left
 * there. Their processes MUST have ended.
 * @throws RunnerError `state_locked` or `state_unusable`
 */
export async function openRunDirectories(
  places: RunsPlaces,
  { logger }: { readonly logger: Pick<Logger, 'warn' | 'error'> },
): Promise<RunDirectories> {
  await using opening = new AsyncDisposableStack();
  const folder = opening.use(await openRunsFolder(places, { logger }));
  const stop = new AbortController();
  const removing = new Set<Promise<void>>();
  const removeAll = async (directories: readonly string[]) => {
    for (const directory of directories) {
      if (directory.endsWith(ENVIRONMENT_SUFFIX)) {
        await rm(directory, { force: true }); // root's own file in root's own folder
        continue;
      }
      const removed = await removeRunDirectory(directory, stop.signal);
      if (stop.signal.aborted) return;
      if (removed.ok) continue;
      const { uid, error } = removed;
      logger.error(
        { directory, uid, err: error },
        'a run left files that its account cannot remove: they stay',
      );
    }
  };
  const inBackground = (directories: () => Promise<readonly string[]>) => {
    const done = directories()
      .then(removeAll)
      .catch((error: unknown) =>
        logger.error({ err: error }, 'directories of earlier runs could not be removed'),
      )
      .finally(() => removing.delete(done));
    removing.add(done);
  };
  const directoriesOf = async (prefix: string): Promise<string[]> => {
    const path = await folder.prepare();
    return (await readdir(path)).filter((name) => name.startsWith(prefix)).map((name) => join(path, name));
  };

  if (folder.isKept) {
    // Listed before the first run gets a directory: none of these is in use.
    const left = await directoriesOf(PREFIX);
    inBackground(async () => left);
  }
  const owned = opening.move();
  return {
    make: async (task) => mkdtemp(join(await folder.prepare(), prefixOf(task))),
    remove: (directory) => inBackground(async () => [directory]),
    removeLeft: (task) => {
      if (folder.isKept) inBackground(() => directoriesOf(prefixOf(task)));
    },
    [Symbol.asyncDispose]: async () => {
      const removed = Promise.all(removing);
      await Promise.race([removed, sleep(STOP_WAITS_MS, stop.signal)]);
      stop.abort();
      await removed;
      await owned.disposeAsync();
    },
  };
}
