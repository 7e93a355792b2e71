import { constants } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import { join } from 'node:path';

/** A folder that is held open. */
export type OpenFolder = AsyncDisposable & {
  /** Path of an entry that leads through the open folder, whatever its name leads to now. */
  pathOf(name: string): string;
  /** Path of the folder itself. */
  readonly path: string;
  /** Its file system. */
  readonly device: number;
};

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
/** O_NONBLOCK: opening a named pipe would wait for a writer. */
const FILE = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Opens a folder for reading below it. The account of a run can replace folders in it with symbolic
 * links at any moment, so each step goes through a folder that is held open (/proc/self/fd,
 * proc(5)) and follows no link. Elsewhere than on Linux, paths are used: a runner that is not root
 * has no rights that its actions lack.
 * @throws Error of the system; `ENOTSUP` for root without /proc
 */
export async function openFolder(path: string): Promise<OpenFolder> {
  const held = await open(path, FOLDER);
  const through = process.platform === 'linux' ? `/proc/self/fd/${held.fd}` : path;
  if (process.platform !== 'linux' && process.geteuid?.() === 0) {
    await held.close();
    throw Object.assign(new Error('artefacts of a runner that is root need Linux'), { code: 'ENOTSUP' });
  }
  const { dev: device } = await held.stat();
  return {
    device,
    path: through,
    pathOf: (name) => join(through, name),
    [Symbol.asyncDispose]: () => held.close(),
  };
}

/** @returns `null` if the entry is not a folder of its own: a file, a link, or nothing */
export async function openFolderIn(folder: OpenFolder, name: string): Promise<OpenFolder | null> {
  try {
    return await openFolder(folder.pathOf(name));
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

/**
 * Opens a regular file that belongs to an account alone: another hard link could be that of a file
 * that the account cannot read, and another file system one that it made.
 * @returns the reason instead, if it is not such a file
 */
export async function openFileIn(
  folder: OpenFolder,
  name: string,
  { uid, device }: { readonly uid: number; readonly device: number },
): Promise<FileHandle | string> {
  // A device could do anything when it is opened, so its kind is looked at before as well.
  if (!(await lstat(folder.pathOf(name))).isFile()) return 'it is not a regular file';
  const file = await open(folder.pathOf(name), FILE);
  const stats = await file.stat();
  const isOwn = stats.uid === uid && stats.nlink === 1 && stats.dev === device;
  if (stats.isFile() && isOwn) return file;
  await file.close();
  return stats.isFile() ? "it is not the process's own file" : 'it is not a regular file';
}

const isAbsent = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? '');
