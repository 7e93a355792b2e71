import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { parseTaskId, type TaskId } from '@booner/protocol';

const SUFFIX = '.artefacts';
const TEMPORARY_SUFFIX = '.tmp';

export type ArtefactStoreOptions = {
  readonly directory: string;
  readonly maxBytes: number;
  readonly minFreeBytes: number;
};

/** The disk has no room for artefacts, or they alone are more than may be kept. */
export class ArtefactStoreError extends Error {
  readonly code = 'no_room';
  override readonly name = 'ArtefactStoreError';
}

type Entry = { readonly bytes: number; readonly storedAtMs: number };

/**
 * Artefacts on the disk, one file for each task: their contents one after the other. Names of
 * artefacts never reach the disk. All methods reject with errors of the system.
 */
export type ArtefactStore = {
  has(id: TaskId): boolean;
  /** In bytes. */
  size(): number;
  /** The oldest first. */
  ids(): readonly TaskId[];
  storedAtMs(id: TaskId): number | null;
  /**
   * Stores the artefacts of a task. Deletes those of the oldest tasks to make room. The content is
   * either complete or absent.
   * @param write writes the content; `false`: it is not wanted after all
   * @throws ArtefactStoreError
   */
  store(id: TaskId, bytes: number, write: (file: FileHandle) => Promise<boolean>): Promise<void>;
  /** Returns the file of a task, for reading. `null`: there is none. */
  open(id: TaskId): Promise<FileHandle | null>;
  remove(id: TaskId): Promise<void>;
};

/** Opens a store, creating its folder if necessary. */
export async function openArtefactStore(options: ArtefactStoreOptions): Promise<ArtefactStore> {
  const { directory, maxBytes, minFreeBytes } = options;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const entries = await readEntries(directory);
  const fileOf = (id: TaskId) => join(directory, `${id}${SUFFIX}`);
  let total = [...entries.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  const forget = (id: TaskId) => {
    total -= entries.get(id)?.bytes ?? 0;
    entries.delete(id);
  };
  const remove = async (id: TaskId): Promise<void> => {
    forget(id);
    await rm(fileOf(id), { force: true });
  };
  const makeRoom = async (bytes: number): Promise<void> => {
    if (bytes > maxBytes) throw new ArtefactStoreError('a task left more than BOONER_ARTEFACTS_MAX_SIZE');
    for (const id of [...entries.keys()]) {
      if (total + bytes <= maxBytes) break;
      await remove(id);
    }
    const { bavail, bsize } = await statfs(directory);
    if (bavail * bsize - bytes < minFreeBytes)
      throw new ArtefactStoreError(`the file system of ${directory} has too little free space`);
  };
  return {
    has: (id) => entries.has(id),
    size: () => total,
    ids: () => [...entries.keys()],
    storedAtMs: (id) => entries.get(id)?.storedAtMs ?? null,
    store: async (id, bytes, write) => {
      await makeRoom(bytes);
      const temporary = `${fileOf(id)}${TEMPORARY_SUFFIX}`;
      try {
        {
          await using file = await open(temporary, 'w', 0o600);
          if (!(await write(file))) return;
          await file.sync();
        }
        await rename(temporary, fileOf(id));
        forget(id);
        entries.set(id, { bytes, storedAtMs: Date.now() });
        total += bytes;
      } finally {
        await rm(temporary, { force: true });
      }
    },
    open: async (id) => {
      if (!entries.has(id)) return null;
      try {
        return await open(fileOf(id), constants.O_RDONLY | constants.O_NOFOLLOW);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        forget(id); // somebody deleted it
        return null;
      }
    },
    remove,
  };
}

/** Reads what an earlier start stored, the oldest first. Removes what it did not complete. */
async function readEntries(directory: string): Promise<Map<TaskId, Entry>> {
  const found: [TaskId, Entry][] = [];
  for (const name of await readdir(directory)) {
    const id = name.endsWith(SUFFIX) ? parseTaskId(name.slice(0, -SUFFIX.length)) : null;
    if (id !== null) {
      const { size: bytes, mtimeMs } = await stat(join(directory, name));
      found.push([id, { bytes, storedAtMs: mtimeMs }]);
    } else if (name.endsWith(`${SUFFIX}${TEMPORARY_SUFFIX}`))
      await rm(join(directory, name), { force: true });
  }
  return new Map(found.sort(([, a], [, b]) => a.storedAtMs - b.storedAtMs));
}
